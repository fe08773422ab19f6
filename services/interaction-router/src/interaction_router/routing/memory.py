"""What the decider remembers of agents and queues between decisions, and which anchor its records lean on.

Each look learns only what changed in transactions that the look before did not see. All rows here were committed
when they were read; a decision that is rolled back leaves nothing wrong behind.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from careline.ids import new_id
from interaction_router.interactions.rows import Row
from interaction_router.routing.model import Agent, ChannelCapacity, QueueRule, Refusal, SkillLevel, Work

LANGUAGE_SKILL = "language:"
# A new anchor is cheaper than ever longer lists of those who have changed since the old one.
CHANGED_SHARE = 4
CHANGED_AT_LEAST = 40
ANCHOR_LASTS = timedelta(hours=1)


def capacity_channel(channel: str) -> str:
    """Which capacity a channel uses: all that is not a live chat is written work."""
    return "chat" if channel == "chat" else "mail"


@dataclass(frozen=True, slots=True)
class Anchor:
    """All agents at one moment, kept once for many decisions."""

    id: UUID
    made_at: datetime


@dataclass
class Memory:
    """Agents, queues and waiting work as the last look saw them."""

    # Every transaction with a lower id was over, and seen, at the last look.
    seen_to: int = 0
    agents: dict[str, Agent] = field(default_factory=dict)
    queues: dict[str, QueueRule] = field(default_factory=dict)
    _work: dict[UUID, tuple[int, str | None, Work]] = field(default_factory=dict)
    _anchor: Anchor | None = None
    _changed: set[str] = field(default_factory=set)

    def learn(self, rows: Iterable[Row]) -> None:
        """Take over what has changed; whoever left is forgotten, and the anchor with her."""
        for row in rows:
            self.seen_to = int(row["seen_to"])
            if row["kind"] is None:
                continue
            key = str(row["id"])
            if row["kind"] == "queue":
                self.queues[key] = _rule(key, json.loads(row["facts"]))
            elif row["active"]:
                self._learn_agent(_agent(key, json.loads(row["facts"])))
            elif self.agents.pop(key, None) is not None:
                self._anchor = None

    def _learn_agent(self, agent: Agent) -> None:
        """A long transaction anywhere on the server holds the horizon back, so what is known may be told again."""
        if self.agents.get(agent.id) != agent:
            self.agents[agent.id] = agent
            self._changed.add(agent.id)

    def waiting(self, rows: Iterable[Row]) -> tuple[Work, ...]:
        """The waiting work; what has not changed since the last look is not made anew."""
        before, self._work = self._work, {}
        for row in rows:
            known = before.get(row["id"])
            if known is None or known[0] != row["version"] or known[1] != row["refusals"]:
                known = (row["version"], row["refusals"], _work(row))
            self._work[row["id"]] = known
        return tuple(known[2] for known in self._work.values())

    def anchor(self, now: datetime) -> tuple[Anchor, bool, tuple[Agent, ...]]:
        """What a record leans on, whether it is new, and the agents that the record must name beside it."""
        held = self._anchor
        many = max(CHANGED_AT_LEAST, len(self.agents) // CHANGED_SHARE)
        if held is None or len(self._changed) > many or now - held.made_at > ANCHOR_LASTS:
            return Anchor(new_id(), now), True, tuple(self.agents.values())
        return held, False, tuple(self.agents[each] for each in sorted(self._changed) if each in self.agents)

    def lean_on(self, anchor: Anchor) -> None:
        """The new anchor is committed: later records may lean on it."""
        self._anchor = anchor
        self._changed.clear()


def _rule(key: str, facts: list[Any]) -> QueueRule:
    skills, priority, timeout_seconds = facts
    return QueueRule(key, tuple(SkillLevel(each["skill"], each["level"]) for each in skills), priority, timeout_seconds)


def _agent(key: str, facts: list[Any]) -> Agent:
    presence, presence_since, idle_since, not_responding, skills, capacity = facts
    return Agent(
        id=key,
        presence=presence,
        presence_since=_moment(presence_since),
        idle_since=_moment(idle_since),
        not_responding=not_responding,
        skills=tuple(SkillLevel(name, level) for name, level in skills if not name.startswith(LANGUAGE_SKILL)),
        languages=tuple(name[len(LANGUAGE_SKILL) :] for name, _ in skills if name.startswith(LANGUAGE_SKILL)),
        capacity=tuple(ChannelCapacity(*each) for each in capacity),
    )


def _work(row: Row) -> Work:
    return Work(
        id=str(row["id"]),
        queue_id=str(row["queue_id"]),
        channel=capacity_channel(row["channel"]),
        language=row["language"],
        waiting_since=row["waiting_since"],
        last_agent_id=str(row["last_agent_id"]) if row["last_agent_id"] else None,
        refusals=tuple(
            Refusal(agent, _moment(ended_at), "declined" if state == "declined" else "missed")
            for agent, ended_at, state in json.loads(row["refusals"] or "[]")
        ),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
