"""Reads the situation that a decision is made on, and keeps what was decided."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zlib import compress, decompress

from careline.database import WriteConnection, after_commit
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.routing.memory import Memory
from interaction_router.routing.model import (
    Agent,
    Decision,
    Situation,
    agents_json,
    decision_json,
    situation_json,
)

# Bounds one decision. What asks the same of an agent shows its oldest, so nothing hides what somebody else could take.
MAX_WAITING_OF_A_KIND = 200

# Signals that commit later stay for the next decision. Refusals older than $2 are not in force any more. The partition
# is `Kind` of routing/eligibility.py, and what was refused by itself: it may wait where its equals need not.
_LOOK = """
WITH taken AS (DELETE FROM routing_signals), refused AS (
    SELECT o.interaction_id,
        json_agg(json_build_array(o.agent_id, o.ended_at, o.state) ORDER BY o.ended_at)::text AS refusals
    FROM offers o JOIN interactions i ON i.id = o.interaction_id AND i.state = 'queued'
    WHERE o.state IN ('declined', 'timed_out')
        AND o.ended_at > $2 AND o.ended_at >= coalesce(i.assigned_at, i.opened_at)
    GROUP BY o.interaction_id
)
SELECT id, version, queue_id, channel, language, waiting_since, last_agent_id, waiting_reason, refusals
FROM (
    SELECT i.id, version, queue_id, channel, language, waiting_since, last_agent_id, waiting_reason, refusals,
        row_number() OVER (
            PARTITION BY queue_id, channel = 'chat', lower(split_part(language, '-', 1)), refusals IS NULL
            ORDER BY waiting_since, i.id
        ) AS place
    FROM interactions i LEFT JOIN refused ON refused.interaction_id = i.id WHERE i.state = 'queued'
) waiting
WHERE place <= $1 ORDER BY id
"""
# What changed in transactions that were not over at the last look: those from its horizon on.
_LEARN = """
SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS seen_to, news.* FROM (VALUES (1)) one LEFT JOIN (
    SELECT 'queue' AS kind, id, true AS active,
        json_build_array(required_skills, priority, offer_timeout_seconds)::text AS facts
    FROM queues WHERE changed_xid >= $1::text::xid8
    UNION ALL
    SELECT 'agent', a.id, a.active, json_build_array(
        a.presence, a.presence_since, a.idle_since, a.not_responding,
        (SELECT coalesce(json_agg(json_build_array(s.skill, s.level) ORDER BY s.skill), '[]')
         FROM agent_skills s WHERE s.agent_id = a.id),
        (SELECT coalesce(json_agg(json_build_array(c.channel, c.capacity_limit, c.used) ORDER BY c.channel), '[]')
         FROM agent_capacity c WHERE c.agent_id = a.id))::text
    FROM agents a WHERE a.changed_xid >= $1::text::xid8
        OR a.id IN (SELECT agent_id FROM agent_capacity WHERE changed_xid >= $1::text::xid8)
) news ON true
"""
_ANCHOR = "INSERT INTO decision_anchors (id, made_at, agents) VALUES ($1, $2, $3)"
_KEEP = """
WITH kept AS (
    INSERT INTO decisions (id, decided_at, anchor_id, situation, outcome) VALUES ($1, $2, $3, $4, $5) RETURNING id
)
INSERT INTO decision_subjects (decision_id, interaction_id)
SELECT kept.id, subject FROM kept, unnest($6::uuid[]) subject
"""
_OF_INTERACTION = """
SELECT d.*, a.agents FROM decisions d JOIN decision_subjects s ON s.decision_id = d.id
LEFT JOIN decision_anchors a ON a.id = d.anchor_id
WHERE s.interaction_id = $1 ORDER BY d.decided_at DESC, d.id DESC LIMIT $2
"""
_FORGET_ANCHORS = """
DELETE FROM decision_anchors a WHERE a.made_at < $1 AND NOT EXISTS (SELECT FROM decisions d WHERE d.anchor_id = a.id)
"""


async def signalled(connection: AnyConnection) -> bool:
    """Whether something happened that may call for a decision."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM routing_signals)"))


async def signal(connection: WriteConnection) -> None:
    """Ask for a decision."""
    await connection.execute("INSERT INTO routing_signals DEFAULT VALUES")


async def read_situation(
    connection: WriteConnection, memory: Memory, now: datetime, refusal_lapses_seconds: int
) -> tuple[Situation, dict[str, str | None]]:
    """Take the signals; the situation now, and why each piece of work was said to wait before."""
    waiting = await connection.fetch(_LOOK, MAX_WAITING_OF_A_KIND, now - timedelta(seconds=refusal_lapses_seconds))
    if not waiting:
        return Situation(now, refusal_lapses_seconds, (), (), ()), {}
    memory.learn(await connection.fetch(_LEARN, str(memory.seen_to)))
    work = memory.waiting(waiting)
    situation = Situation(
        now=now,
        refusal_lapses_seconds=refusal_lapses_seconds,
        queues=tuple(memory.queues.values()),
        agents=tuple(memory.agents.values()),
        waiting=work,
    )
    return situation, {each.id: row["waiting_reason"] for each, row in zip(work, waiting, strict=True)}


async def keep_decision(
    connection: WriteConnection,
    memory: Memory,
    decision_id: UUID,
    situation: Situation,
    decision: Decision,
    subjects: Collection[str],
) -> None:
    """Record inputs and outcome, so that the decision can be explained and replayed.

    Work that goes on waiting as before takes nothing from anybody, so a replay can do without it; agents are kept
    as their difference from an anchor; and what was said of each agent comes out of the replay.
    """
    anchor, fresh, agents = memory.anchor(situation.now)
    if fresh:
        await connection.execute(_ANCHOR, anchor.id, situation.now, compress(agents_json.dump_json(agents), 1))
        after_commit(connection, lambda: memory.lean_on(anchor))
    waiting = tuple(each for each in situation.waiting if each.id in subjects)
    recorded = replace(situation, agents=() if fresh else agents, waiting=waiting)
    await connection.execute(
        _KEEP,
        decision_id,
        situation.now,
        anchor.id,
        compress(situation_json.dump_json(recorded), 1),
        compress(decision_json.dump_json(decision), 1),
        [UUID(subject) for subject in subjects],
    )


async def decisions_of(
    connection: AnyConnection, interaction_id: UUID, limit: int
) -> list[tuple[Row, Situation, Decision]]:
    """The decisions about an interaction, newest first."""
    rows = await connection.fetch(_OF_INTERACTION, interaction_id, limit)
    return [(row, _restored(row), decision_json.validate_json(decompress(row["outcome"]))) for row in rows]


async def forget(connection: WriteConnection, before: datetime) -> None:
    """Decisions that nobody will ask about any more, and the anchors that they alone leaned on."""
    await connection.execute("DELETE FROM decisions WHERE decided_at < $1", before)
    await connection.execute(_FORGET_ANCHORS, before)


async def set_waiting_reasons(connection: WriteConnection, reasons: Sequence[tuple[UUID, str]]) -> int:
    """Say for each why it waits; how many were said: rows that somebody works on are left for the next decision."""
    said = await connection.fetch(
        """
        WITH free AS (
            SELECT i.id FROM interactions i WHERE i.id = ANY($1) AND i.state = 'queued'
            ORDER BY i.id FOR NO KEY UPDATE SKIP LOCKED
        )
        UPDATE interactions i SET waiting_reason = said.reason
        FROM unnest($1::uuid[], $2::text[]) AS said(id, reason), free
        WHERE i.id = said.id AND free.id = i.id RETURNING i.id
        """,
        [each[0] for each in reasons],
        [each[1] for each in reasons],
    )
    return len(said)


def _restored(row: Row) -> Situation:
    situation = situation_json.validate_json(decompress(row["situation"]))
    if row["agents"] is None:
        return situation
    agents: dict[str, Agent] = {each.id: each for each in agents_json.validate_json(decompress(row["agents"]))}
    agents.update({each.id: each for each in situation.agents})
    return replace(situation, agents=tuple(agents.values()))
