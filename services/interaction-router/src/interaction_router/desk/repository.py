"""Reads the desk of an agent."""

from datetime import datetime, timedelta
from uuid import UUID

from careline.database import WriteConnection
from interaction_router.desk.schemas import Counts
from interaction_router.interactions.rows import SELECT_ROW, AnyConnection, Row

_MINE = "WHERE i.agent_id = $1 AND i.state IN ('active', 'held', 'wrap_up') ORDER BY i.id"
_OFFERED = "WHERE o.agent_id = $1 ORDER BY o.id"
_EVENTS = "SELECT seq, type, data FROM desk_events WHERE agent_id = $1 AND seq > $2 ORDER BY seq LIMIT $3"
_RANGE = """
SELECT a.feed_seq, (SELECT min(seq) FROM desk_events e WHERE e.agent_id = a.id) AS oldest
FROM agents a WHERE a.id = $1
"""
KEPT_FOR = timedelta(hours=1)
_MINE_OF_ALL = """
SELECT agent_id, count(*) AS n FROM interactions
WHERE agent_id = ANY($1) AND state IN ('active', 'held', 'wrap_up') GROUP BY agent_id
"""
_WAITING_FOR_ALL = """
WITH waiting AS (
    SELECT q.id, q.required_skills, count(*) AS n FROM interactions i JOIN queues q ON q.id = i.queue_id
    WHERE i.state = 'queued' GROUP BY q.id
)
SELECT a.id, sum(w.n)::int AS n FROM agents a JOIN waiting w ON NOT EXISTS (
    SELECT FROM jsonb_to_recordset(w.required_skills) AS needed(skill text, level int)
    WHERE NOT EXISTS (
        SELECT FROM agent_skills s
        WHERE s.agent_id = a.id AND s.skill = needed.skill AND s.level >= needed.level))
WHERE a.id = ANY($1) GROUP BY a.id
"""


async def mine(connection: AnyConnection, agent_id: UUID) -> list[Row]:
    """What the agent has in hand."""
    return list(await connection.fetch(SELECT_ROW + _MINE, agent_id))


async def offered(connection: AnyConnection, agent_id: UUID) -> list[Row]:
    """What is offered to the agent."""
    return list(await connection.fetch(SELECT_ROW + _OFFERED, agent_id))


async def counts(connection: AnyConnection, agents: list[UUID]) -> dict[UUID, Counts]:
    """How much each agent has in hand, and how much waits in queues whose skills she has."""
    mine = {row["agent_id"]: row["n"] for row in await connection.fetch(_MINE_OF_ALL, agents)}
    queued = {row["id"]: row["n"] for row in await connection.fetch(_WAITING_FOR_ALL, agents)}
    return {agent: Counts(mine=mine.get(agent, 0), queue=queued.get(agent, 0)) for agent in agents}


async def events_after(connection: AnyConnection, agent_id: UUID, cursor: int, limit: int) -> list[Row]:
    """Feed events after a cursor."""
    return list(await connection.fetch(_EVENTS, agent_id, cursor, limit))


async def feed_range(connection: AnyConnection, agent_id: UUID) -> tuple[int, int | None]:
    """The last number given, and the oldest event that is still kept."""
    row = await connection.fetchrow(_RANGE, agent_id)
    return (0, None) if row is None else (row["feed_seq"], row["oldest"])


async def last_numbers(connection: AnyConnection, agents: list[UUID]) -> dict[UUID, int]:
    """The last number given to each of these agents."""
    rows = await connection.fetch("SELECT id, feed_seq FROM agents WHERE id = ANY($1)", agents)
    return {row["id"]: row["feed_seq"] for row in rows}


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Forget feed events that no line will ask for again: it takes a snapshot instead."""
    await connection.execute("DELETE FROM desk_events WHERE created_at < $1", now - KEPT_FOR)
