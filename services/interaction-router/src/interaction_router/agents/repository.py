"""Where agents are kept."""

from datetime import datetime
from uuid import UUID

from careline.database import Transaction, WriteConnection
from careline.statements import execute
from interaction_router.agents.schemas import AgentSkillsInput
from interaction_router.interactions.rows import AnyConnection, Row

# A new agent takes a usual amount of work until somebody says otherwise.
_REGISTER = """
WITH known AS (
    INSERT INTO agents (id, name, presence_since, idle_since) VALUES ($1, $2, $3, $3)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE agents.name <> excluded.name AND excluded.name <> ''
    RETURNING id
)
INSERT INTO agent_capacity (agent_id, channel, wanted_limit, capacity_limit)
SELECT known.id, usual.channel, usual.size, usual.size
FROM known, (VALUES ('mail', 5), ('chat', 3)) usual(channel, size)
ON CONFLICT DO NOTHING
"""
_SET_PRESENCE = """
UPDATE agents SET presence = $2, presence_since = $3, presence_reason = $4, not_responding = $5,
    lease_expires_at = CASE WHEN $2 = 'offline' THEN NULL ELSE $6::timestamptz END, version = version + 1
WHERE id = $1 RETURNING version, presence
"""
_PUT_CAPACITY = """
INSERT INTO agent_capacity AS kept (agent_id, channel, wanted_limit, capacity_limit) VALUES ($1, $2, $3, $3)
ON CONFLICT (agent_id, channel) DO UPDATE
SET wanted_limit = excluded.wanted_limit, capacity_limit = GREATEST(excluded.wanted_limit, kept.used)
"""
_RENEW = """
WITH there AS (
    SELECT id FROM agents WHERE id = ANY($1) AND presence <> 'offline' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE agents SET lease_expires_at = $2 FROM there WHERE agents.id = there.id
"""


async def register(transaction: Transaction, agent_id: UUID, name: str, now: datetime) -> None:
    """Make the agent known; a name that is empty leaves the old one."""
    await execute(transaction, _REGISTER, agent_id, name, now)


async def lock(connection: WriteConnection, agent_id: UUID) -> Row | None:
    """Lock one agent. Interactions are locked before agents, always."""
    row: Row | None = await connection.fetchrow("SELECT * FROM agents WHERE id = $1 FOR NO KEY UPDATE", agent_id)
    return row


async def find(connection: AnyConnection, agent_id: UUID) -> Row | None:
    """One agent, or nothing."""
    row: Row | None = await connection.fetchrow("SELECT * FROM agents WHERE id = $1", agent_id)
    return row


async def set_presence(
    connection: WriteConnection,
    agent_id: UUID,
    status: str,
    now: datetime,
    *,
    reason: str | None,
    not_responding: bool,
    lease_expires_at: datetime | None,
) -> int:
    """Write down what an agent does and return her version."""
    row = await connection.fetchrow(_SET_PRESENCE, agent_id, status, now, reason, not_responding, lease_expires_at)
    if row is None:
        raise LookupError(agent_id)
    version: int = row["version"]
    return version


async def set_idle_since(connection: WriteConnection, agent_id: UUID, now: datetime) -> None:
    """Begin the agent's idle time anew."""
    await connection.execute("UPDATE agents SET idle_since = $2 WHERE id = $1", agent_id, now)


async def renew_leases(connection: WriteConnection, agents: list[UUID], until: datetime) -> None:
    """Keep the presence of those who are there; an offline one stays offline, a busy row is renewed next time."""
    await connection.execute(_RENEW, agents, until)


async def lapsed(connection: AnyConnection, now: datetime, limit: int) -> list[UUID]:
    """Agents whose lease has run out."""
    rows = await connection.fetch(
        "SELECT id FROM agents WHERE lease_expires_at <= $1 ORDER BY lease_expires_at LIMIT $2", now, limit
    )
    return [row["id"] for row in rows]


async def deactivated_with_work(connection: AnyConnection, limit: int) -> list[UUID]:
    """Agents who no longer work here and still hold or are offered something, or are not offline.

    Who is just leaving is not among them: what she holds is counted as it is moved.
    """
    rows = await connection.fetch(
        """
        SELECT a.id FROM agents a WHERE NOT a.active AND (a.presence <> 'offline'
            OR EXISTS (SELECT FROM offers o WHERE o.agent_id = a.id AND o.state = 'open')
            OR EXISTS (SELECT FROM interactions i WHERE i.agent_id = a.id AND i.state IN ('active', 'held', 'wrap_up')))
            AND NOT EXISTS (SELECT FROM departures d WHERE d.person_id = a.id AND d.acknowledged_at IS NULL)
        LIMIT $1
        """,
        limit,
    )
    return [row["id"] for row in rows]


async def put_skills(connection: WriteConnection, agent_id: UUID, body: AgentSkillsInput) -> None:
    """Replace an agent's skills and capacity."""
    await connection.execute("DELETE FROM agent_skills WHERE agent_id = $1", agent_id)
    skills = {each.skill: each.level for each in body.skills}
    await connection.executemany(
        "INSERT INTO agent_skills (agent_id, skill, level) VALUES ($1, $2, $3)",
        [(agent_id, skill, level) for skill, level in skills.items()],
    )
    for channel, limit in (("mail", body.capacity.mail), ("chat", body.capacity.chat)):
        await connection.execute(_PUT_CAPACITY, agent_id, channel, limit)
