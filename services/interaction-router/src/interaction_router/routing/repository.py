"""Reads the situation that a decision is made on, and keeps what was decided."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zlib import compress, decompress

from careline.database import WriteConnection
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.routing.model import (
    Agent,
    ChannelCapacity,
    Decision,
    QueueRule,
    Refusal,
    Situation,
    SkillLevel,
    Work,
    decision_json,
    situation_json,
)

LANGUAGE_SKILL = "language:"
# Bounds one decision; each queue shows its oldest, so no queue hides another.
MAX_WAITING_PER_QUEUE = 200

_TAKE_SIGNALS = "WITH taken AS (DELETE FROM routing_signals RETURNING 1) SELECT count(*) FROM taken"
_QUEUES = "SELECT id, required_skills, priority, offer_timeout_seconds FROM queues ORDER BY id"
_AGENTS = """
SELECT a.id, a.presence, a.presence_since, a.idle_since, a.not_responding,
    (SELECT coalesce(json_agg(json_build_array(s.skill, s.level) ORDER BY s.skill), '[]')
     FROM agent_skills s WHERE s.agent_id = a.id) AS skills,
    (SELECT coalesce(json_agg(json_build_array(c.channel, c.capacity_limit, c.used) ORDER BY c.channel), '[]')
     FROM agent_capacity c WHERE c.agent_id = a.id) AS capacity
FROM agents a WHERE a.active ORDER BY a.id
"""
_WAITING = """
SELECT id, queue_id, channel, language, waiting_since, last_agent_id, waiting_reason, refusals
FROM (
    SELECT i.*, row_number() OVER (PARTITION BY queue_id ORDER BY waiting_since, id) AS place,
        (SELECT coalesce(json_agg(json_build_array(o.agent_id, o.ended_at, o.state) ORDER BY o.ended_at), '[]')
         FROM offers o WHERE o.interaction_id = i.id AND o.state IN ('declined', 'timed_out')
            AND o.ended_at >= coalesce(i.assigned_at, i.opened_at)) AS refusals
    FROM interactions i WHERE i.state = 'queued'
) waiting
WHERE place <= $1 ORDER BY id
"""
_KEEP = "INSERT INTO decisions (id, decided_at, situation, outcome) VALUES ($1, $2, $3, $4)"
_OF_INTERACTION = """
SELECT d.* FROM decisions d JOIN decision_subjects s ON s.decision_id = d.id
WHERE s.interaction_id = $1 ORDER BY d.decided_at DESC, d.id DESC LIMIT $2
"""


def capacity_channel(channel: str) -> str:
    """Which capacity a channel uses: all that is not a live chat is written work."""
    return "chat" if channel == "chat" else "mail"


async def signalled(connection: AnyConnection) -> bool:
    """Whether something happened that may call for a decision."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM routing_signals)"))


async def take_signals(connection: WriteConnection) -> int:
    """Take the signals; those that commit later stay for the next decision."""
    count: int = await connection.fetchval(_TAKE_SIGNALS)
    return count


async def signal(connection: WriteConnection) -> None:
    """Ask for a decision."""
    await connection.execute("INSERT INTO routing_signals DEFAULT VALUES")


async def read_situation(
    connection: AnyConnection, now: datetime, refusal_lapses_seconds: int
) -> tuple[Situation, dict[str, str | None]]:
    """The situation now, and why each piece of work was said to wait before."""
    waiting = await connection.fetch(_WAITING, MAX_WAITING_PER_QUEUE)
    if not waiting:
        return Situation(now, refusal_lapses_seconds, (), (), ()), {}
    queues = await connection.fetch(_QUEUES)
    agents = await connection.fetch(_AGENTS)
    situation = Situation(
        now=now,
        refusal_lapses_seconds=refusal_lapses_seconds,
        queues=tuple(_rule(row) for row in queues),
        agents=tuple(_agent(row) for row in agents),
        waiting=tuple(_work(row) for row in waiting),
    )
    return situation, {str(row["id"]): row["waiting_reason"] for row in waiting}


async def keep_decision(
    connection: WriteConnection,
    decision_id: UUID,
    situation: Situation,
    decision: Decision,
    subjects: Sequence[UUID],
) -> None:
    """Record inputs and outcome, so that the decision can be explained and replayed."""
    await connection.execute(
        _KEEP,
        decision_id,
        situation.now,
        compress(situation_json.dump_json(situation), 1),
        compress(decision_json.dump_json(decision), 1),
    )
    await connection.executemany(
        "INSERT INTO decision_subjects (decision_id, interaction_id) VALUES ($1, $2)",
        [(decision_id, subject) for subject in subjects],
    )


async def decisions_of(
    connection: AnyConnection, interaction_id: UUID, limit: int
) -> list[tuple[Row, Situation, Decision]]:
    """The decisions about an interaction, newest first."""
    rows = await connection.fetch(_OF_INTERACTION, interaction_id, limit)
    return [
        (
            row,
            situation_json.validate_json(decompress(row["situation"])),
            decision_json.validate_json(decompress(row["outcome"])),
        )
        for row in rows
    ]


async def lock_waiting(connection: WriteConnection, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Lock those that still wait and that nobody else works on, in the order of their ids."""
    rows = await connection.fetch(
        "SELECT * FROM interactions WHERE id = ANY($1) AND state = 'queued' ORDER BY id FOR UPDATE SKIP LOCKED", ids
    )
    return {row["id"]: row for row in rows}


async def set_waiting_reasons(connection: WriteConnection, reasons: Sequence[tuple[UUID, str]]) -> None:
    """Say for each why it waits; rows that somebody works on are left for the next decision."""
    await connection.execute(
        """
        WITH free AS (
            SELECT i.id FROM interactions i WHERE i.id = ANY($1) AND i.state = 'queued'
            ORDER BY i.id FOR UPDATE SKIP LOCKED
        )
        UPDATE interactions i SET waiting_reason = said.reason
        FROM unnest($1::uuid[], $2::text[]) AS said(id, reason), free
        WHERE i.id = said.id AND free.id = i.id
        """,
        [each[0] for each in reasons],
        [each[1] for each in reasons],
    )


def _rule(row: Row) -> QueueRule:
    skills = tuple(SkillLevel(each["skill"], each["level"]) for each in json.loads(row["required_skills"]))
    return QueueRule(str(row["id"]), skills, row["priority"], row["offer_timeout_seconds"])


def _agent(row: Row) -> Agent:
    skills = json.loads(row["skills"])
    return Agent(
        id=str(row["id"]),
        presence=row["presence"],
        presence_since=row["presence_since"],
        idle_since=row["idle_since"],
        not_responding=row["not_responding"],
        skills=tuple(SkillLevel(name, level) for name, level in skills if not name.startswith(LANGUAGE_SKILL)),
        languages=tuple(name[len(LANGUAGE_SKILL) :] for name, _ in skills if name.startswith(LANGUAGE_SKILL)),
        capacity=tuple(ChannelCapacity(*each) for each in json.loads(row["capacity"])),
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
            Refusal(agent, datetime.fromisoformat(ended_at), "declined" if state == "declined" else "missed")
            for agent, ended_at, state in json.loads(row["refusals"])
        ),
    )
