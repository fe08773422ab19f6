"""The candidates of one kind of work, longest idle first.

A pool is a heap. An agent's place in it only ever moves back (what she is given counts first, then how long
she has been idle), so an entry that has become stale is put back where it belongs when it comes up.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from heapq import heapify, heappop, heappush

from interaction_router.routing.eligibility import Kind, is_away, is_full, lacks_skill
from interaction_router.routing.model import Agent, QueueRule, Reason, WaitingReason

Entry = tuple[int, datetime, str]


class Load:
    """What this decision has given so far: to each agent, and to each agent on each channel."""

    def __init__(self) -> None:
        self.of_agent: Counter[str] = Counter()
        self.of_channel: Counter[tuple[str, str]] = Counter()

    def add(self, agent_id: str, channel: str) -> None:
        """Count one piece of work given."""
        self.of_agent[agent_id] += 1
        self.of_channel[agent_id, channel] += 1


class Pool:
    """Who may have work of this kind, and why the others may not."""

    def __init__(self, kind: Kind, rule: QueueRule, able: list[Agent], unable: list[Agent], load: Load) -> None:
        """Index the agents; `able` are those whom the skill index let through."""
        self.kind = kind
        self.load = load
        self.fixed: list[Reason] = []
        self.skilled = 0
        self.agents: dict[str, Agent] = {}
        for agent in unable:
            reason = lacks_skill(agent, rule, kind)
            if reason is not None:
                self.fixed.append(reason)
        for agent in able:
            reason = lacks_skill(agent, rule, kind)
            if reason is None:
                self.skilled += 1
                reason = is_away(agent)
            if reason is None:
                self.agents[agent.id] = agent
            else:
                self.fixed.append(reason)
        self._heap = [self._entry(agent) for agent in self.agents.values()]
        heapify(self._heap)

    def _entry(self, agent: Agent) -> Entry:
        return (self.load.of_agent[agent.id], agent.idle_since, agent.id)

    def full(self, agent: Agent) -> Reason | None:
        """Is the agent's capacity for this channel used up?"""
        return is_full(agent, self.kind.channel, self.load.of_channel[agent.id, self.kind.channel])

    @contextmanager
    def candidates(self) -> Iterator[Iterator[Agent]]:
        """Walk the free agents, longest idle first; whoever was only looked at is put back afterwards."""
        seen: list[Agent] = []
        try:
            yield self._walk(seen)
        finally:
            for agent in seen:
                heappush(self._heap, self._entry(agent))

    def _walk(self, seen: list[Agent]) -> Iterator[Agent]:
        while self._heap:
            entry = heappop(self._heap)
            agent = self.agents[entry[2]]
            if self.full(agent):
                continue
            current = self._entry(agent)
            if current != entry:
                heappush(self._heap, current)
                continue
            seen.append(agent)
            yield agent

    def waiting_reason(self) -> WaitingReason:
        """Why nobody in this pool could take a piece of work."""
        if not self.skilled:
            return WaitingReason.NOBODY_HAS_SKILL
        if not self.agents:
            return WaitingReason.NOBODY_AVAILABLE
        if all(self.full(agent) for agent in self.agents.values()):
            return WaitingReason.ALL_AT_CAPACITY
        return WaitingReason.ALL_REFUSED
