"""Reads what supervisors see."""

from datetime import datetime
from uuid import UUID

from careline.database import ReadConnection
from interaction_router.agents.rows import SELECT_AGENT
from interaction_router.agents.rows import agent as agent_shape
from interaction_router.interactions.rows import Row
from interaction_router.interactions.schemas import AgentRef, QueueRef
from interaction_router.supervision import wall_board
from interaction_router.supervision.schemas import (
    AgentState,
    QuarantinedMail,
    QueueState,
    SupervisionSnapshot,
    UnfinishedWork,
    WaitingWork,
)

_QUEUES = """
SELECT q.id, q.name, w.waiting, w.since, w.reason, s.skilled, s.available
FROM queues q
LEFT JOIN LATERAL (
    SELECT count(*) AS waiting, min(i.waiting_since) AS since,
        (array_agg(i.waiting_reason ORDER BY i.waiting_since))[1] AS reason
    FROM interactions i WHERE i.queue_id = q.id AND i.state = 'queued'
) w ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS skilled,
        count(*) FILTER (WHERE a.presence = 'available' AND NOT a.not_responding) AS available
    FROM agents a WHERE a.active AND NOT EXISTS (
        SELECT FROM jsonb_to_recordset(q.required_skills) AS needed(skill text, level int)
        WHERE NOT EXISTS (SELECT FROM agent_skills h
            WHERE h.agent_id = a.id AND h.skill = needed.skill AND h.level >= needed.level))
) s ON true
ORDER BY q.key
"""
_AGENTS = f"""
SELECT listed.*, (SELECT count(*) FROM interactions i
    WHERE i.agent_id = listed.id AND i.state IN ('active', 'held', 'wrap_up')) AS in_hand
FROM ({SELECT_AGENT}) listed WHERE listed.active ORDER BY listed.name, listed.id
"""  # noqa: S608  Both parts are constants.
_WAITING = """
SELECT i.id, i.channel, i.subject, i.waiting_since, i.waiting_reason, q.id AS queue_id, q.name AS queue_name
FROM interactions i JOIN queues q ON q.id = i.queue_id
WHERE i.state = 'queued' ORDER BY i.waiting_since, i.id LIMIT 500
"""
_LEFT = "i.state = 'wrap_up' AND i.wrap_up_until <= $1"
_UNFINISHED = f"""
SELECT i.id, i.channel, i.subject, i.wrap_up_until, q.id AS queue_id, q.name AS queue_name,
    a.id AS agent_id, a.name AS agent_name
FROM interactions i JOIN queues q ON q.id = i.queue_id JOIN agents a ON a.id = i.agent_id
WHERE {_LEFT} ORDER BY i.wrap_up_until, i.id LIMIT 500
"""  # noqa: S608  Both parts are constants.
_COUNT_UNFINISHED = f"SELECT count(*) FROM interactions i WHERE {_LEFT}"  # noqa: S608  As above.


async def snapshot(connection: ReadConnection, now: datetime) -> SupervisionSnapshot:
    """Queues, agents and quarantine now."""
    return SupervisionSnapshot(
        as_of=now,
        totals=await wall_board.totals(connection, now),
        queues=[_queue(row, now) for row in await connection.fetch(_QUEUES)],
        agents=[_agent(row) for row in await connection.fetch(_AGENTS)],
        unfinished=await connection.fetchval(_COUNT_UNFINISHED, now),
        quarantined=await connection.fetchval("SELECT count(*) FROM quarantine"),
    )


async def waiting(connection: ReadConnection) -> list[WaitingWork]:
    """What waits, longest first, and why."""
    return [
        WaitingWork(
            interaction_id=row["id"],
            channel=row["channel"],
            queue=QueueRef(id=row["queue_id"], name=row["queue_name"]),
            subject=row["subject"],
            waiting_since=row["waiting_since"],
            reason=row["waiting_reason"],
        )
        for row in await connection.fetch(_WAITING)
    ]


async def unfinished(connection: ReadConnection, now: datetime) -> list[UnfinishedWork]:
    """What agents have left in wrap-up after its time, longest first."""
    return [
        UnfinishedWork(
            interaction_id=row["id"],
            channel=row["channel"],
            queue=QueueRef(id=row["queue_id"], name=row["queue_name"]),
            agent=AgentRef(id=row["agent_id"], name=row["agent_name"]),
            subject=row["subject"],
            wrap_up_until=row["wrap_up_until"],
        )
        for row in await connection.fetch(_UNFINISHED, now)
    ]


async def quarantined(connection: ReadConnection) -> list[QuarantinedMail]:
    """Mails that a person must look at, newest first."""
    rows = await connection.fetch(
        "SELECT id, sender, subject, reason, size, received_at FROM quarantine ORDER BY received_at DESC LIMIT 200"
    )
    return [QuarantinedMail(**dict(row)) for row in rows]


async def quarantined_object(connection: ReadConnection, quarantine_id: UUID) -> str | None:
    """Where the bytes of a quarantined mail are."""
    key: str | None = await connection.fetchval("SELECT object_key FROM quarantine WHERE id = $1", quarantine_id)
    return key


def _queue(row: Row, now: datetime) -> QueueState:
    longest = (now - row["since"]).total_seconds() if row["since"] else 0.0
    return QueueState(
        id=row["id"],
        name=row["name"],
        waiting=row["waiting"],
        longest_wait_seconds=max(0.0, longest),
        oldest_waiting_reason=row["reason"],
        agents_available=row["available"],
        agents_with_skill=row["skilled"],
    )


def _agent(row: Row) -> AgentState:
    shape = agent_shape(row)
    return AgentState(
        id=shape.id,
        name=shape.name,
        status=shape.presence.status,
        not_responding=shape.presence.not_responding,
        since=shape.presence.since,
        active=row["in_hand"],
        capacity=shape.capacity,
        skills=shape.skills,
    )
