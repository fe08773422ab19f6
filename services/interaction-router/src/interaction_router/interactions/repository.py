"""Where interactions are kept: every statement that changes one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from careline.database import WriteConnection
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.interactions.states import Cause, State, check_transition

_INSERT = """
INSERT INTO interactions (id, channel, contact, queue_id, version, subject, language, waiting_since, target_at,
    customer_id, customer_name, tier, identity, history, visitor_id, last_agent_id, previous_interaction_id,
    opened_at, updated_at)
VALUES ($1, $2, $3, $4, 1, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $7, $7)
"""
# Not FOR UPDATE, here and for agents: it would wait for everybody who has just written a row that refers to this one,
# and two who write such rows first and lock afterwards would wait for one another.
_LOCK = "SELECT * FROM interactions WHERE id = $1 FOR NO KEY UPDATE"
_OPEN_OF_CONTACT = """
SELECT id FROM interactions
WHERE channel = $1 AND state IN ('queued', 'offered', 'active', 'held', 'wrap_up')
  AND (contact = ANY($2) OR (id = $3 AND contact = ANY($4)))
ORDER BY id = $3 DESC NULLS LAST, array_position($2, contact) LIMIT 1 FOR NO KEY UPDATE
"""
_LAST_OF_CONTACT = """
SELECT id, last_agent_id FROM interactions
WHERE (channel = $1 AND contact = $2) OR id = $3
ORDER BY id = $3 DESC NULLS LAST, opened_at DESC LIMIT 1
"""
_ENTER_STATE = """
UPDATE interactions SET state = $3, version = version + 1, updated_at = $4,
    agent_id = CASE WHEN $3 IN ('queued', 'offered') THEN NULL WHEN $3 = 'active' THEN coalesce($5, agent_id)
                    ELSE agent_id END,
    last_agent_id = coalesce($5, last_agent_id),
    assigned_at = CASE WHEN $5::uuid IS NOT NULL THEN $4 ELSE assigned_at END,
    answered_at = CASE WHEN $5::uuid IS NOT NULL THEN coalesce(answered_at, $4) ELSE answered_at END,
    held_at = CASE WHEN $3 = 'held' THEN $4 END,
    waiting_reason = CASE WHEN $3 = 'queued' THEN waiting_reason END,
    wrap_up_at = CASE WHEN $3 = 'wrap_up' THEN $4 WHEN $3 = 'closed' THEN wrap_up_at END,
    wrap_up_until = CASE WHEN $3 = 'wrap_up' THEN $4 + (
        SELECT make_interval(secs => q.wrap_up_seconds) FROM queues q WHERE q.id = interactions.queue_id) END,
    closed_at = CASE WHEN $3 IN ('closed', 'abandoned') THEN $4 END,
    disposition = coalesce($6, disposition),
    disposition_note = coalesce($7, disposition_note)
WHERE id = $1 AND state = $2
RETURNING *
"""
_NEXT_VERSION = """
UPDATE interactions SET version = version + 1, updated_at = $2 WHERE id = $1 RETURNING *
"""
_COUNT_MESSAGE = """
UPDATE interactions SET version = version + 1, updated_at = $2, message_count = message_count + 1,
    snippet = coalesce($3, snippet), unread = CASE WHEN $4 THEN unread + 1 ELSE unread END
WHERE id = $1 RETURNING *
"""
_LINK = """
UPDATE interactions SET version = version + 1, updated_at = $2, customer_id = $3,
    customer_name = coalesce(nullif($4, ''), customer_name), tier = $5, history = 'ready',
    identity = CASE WHEN identity = 'verified' AND customer_id = $3 THEN identity ELSE $6 END
WHERE id = $1 RETURNING *
"""
# The agent's row is locked before her capacity, as where it is claimed: so the two cannot wait for one another.
_RELEASE = """
WITH claim AS (
    SELECT c.interaction_id FROM capacity_claims c JOIN agents a ON a.id = c.agent_id
    WHERE c.interaction_id = $1 FOR NO KEY UPDATE OF a
)
DELETE FROM capacity_claims USING claim WHERE capacity_claims.interaction_id = claim.interaction_id
RETURNING true
"""
# An agent who goes on with what she has had takes it beside whatever came meanwhile: her limit gives way until then.
_CLAIM_AGAIN = """
WITH agent AS (
    SELECT id FROM agents WHERE id = $2 AND NOT EXISTS (SELECT FROM capacity_claims WHERE interaction_id = $1)
    FOR NO KEY UPDATE
), room AS (
    UPDATE agent_capacity c SET capacity_limit = GREATEST(c.capacity_limit, c.used + 1)
    FROM agent WHERE c.agent_id = agent.id AND c.channel = $3
)
INSERT INTO capacity_claims (interaction_id, agent_id, channel) SELECT $1, agent.id, $3 FROM agent
"""
_WRAP_UPS_DUE = """
SELECT i.id FROM interactions i JOIN capacity_claims c ON c.interaction_id = i.id
WHERE i.state = 'wrap_up' AND i.wrap_up_until <= $1 ORDER BY i.wrap_up_until LIMIT $2
"""
_HELD_OR_OFFERED = """
SELECT id FROM interactions WHERE agent_id = $1 AND state = ANY($2)
UNION SELECT interaction_id FROM offers WHERE agent_id = $1 AND state = 'open'
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class NewInteraction:
    """What a new interaction begins with."""

    id: UUID
    channel: str
    contact: str
    queue_id: UUID
    subject: str
    language: str | None
    opened_at: datetime
    target_at: datetime | None
    customer_id: UUID | None
    customer_name: str
    tier: str | None
    identity: str
    history: str
    visitor_id: UUID | None
    last_agent_id: UUID | None
    previous_interaction_id: UUID | None


async def lock_contact(connection: WriteConnection, channel: str, contact: str) -> None:
    """Let the messages of one contact come in one after the other, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"{channel}:{contact}")


async def lock(connection: WriteConnection, interaction_id: UUID) -> Row | None:
    """Lock one interaction."""
    row: Row | None = await connection.fetchrow(_LOCK, interaction_id)
    return row


async def open_of_contact(
    connection: WriteConnection,
    channel: str,
    contacts: Sequence[str],
    referenced: UUID | None,
    thread_contacts: Sequence[str],
) -> Row | None:
    """The open interaction of one of the contacts, or the one referred to if it is theirs; locked."""
    row: Row | None = await connection.fetchrow(
        _OPEN_OF_CONTACT, channel, list(contacts), referenced, list(thread_contacts)
    )
    return row


async def last_of_contact(connection: AnyConnection, channel: str, contact: str, referenced: UUID | None) -> Row | None:
    """The interaction that a new one follows."""
    row: Row | None = await connection.fetchrow(_LAST_OF_CONTACT, channel, contact, referenced)
    return row


async def insert(connection: WriteConnection, new: NewInteraction) -> None:
    """Keep a new interaction."""
    await connection.execute(
        _INSERT,
        new.id,
        new.channel,
        new.contact,
        new.queue_id,
        new.subject,
        new.language,
        new.opened_at,
        new.target_at,
        new.customer_id,
        new.customer_name,
        new.tier,
        new.identity,
        new.history,
        new.visitor_id,
        new.last_agent_id,
        new.previous_interaction_id,
    )


async def enter_state(
    connection: WriteConnection,
    row: Row,
    after: State,
    cause: Cause,
    now: datetime,
    *,
    agent_id: UUID | None = None,
    disposition: str | None = None,
    note: str | None = None,
) -> Row:
    """Move an interaction that the caller has locked; IllegalTransitionError if the table does not allow it."""
    check_transition(State(row["state"]), after, cause)
    moved = await connection.fetchrow(
        _ENTER_STATE, row["id"], row["state"], after.value, now, agent_id, disposition, note
    )
    if moved is None:
        raise LookupError(row["id"])
    return moved


async def next_version(connection: WriteConnection, interaction_id: UUID, now: datetime) -> Row:
    """Count a change that is told on Kafka."""
    row = await connection.fetchrow(_NEXT_VERSION, interaction_id, now)
    if row is None:
        raise LookupError(interaction_id)
    return row


async def count_message(
    connection: WriteConnection, interaction_id: UUID, now: datetime, *, snippet: str | None, unread: bool
) -> Row:
    """Give the next message its number; the row's lock keeps the numbers without gaps."""
    row = await connection.fetchrow(_COUNT_MESSAGE, interaction_id, now, snippet, unread)
    if row is None:
        raise LookupError(interaction_id)
    return row


async def link_customer(
    connection: WriteConnection,
    interaction_id: UUID,
    now: datetime,
    *,
    customer_id: UUID,
    name: str,
    tier: str | None,
    identity: str,
) -> Row:
    """Write down whose matter it is."""
    row = await connection.fetchrow(_LINK, interaction_id, now, customer_id, name, tier, identity)
    if row is None:
        raise LookupError(interaction_id)
    return row


async def release_capacity(connection: WriteConnection, interaction_id: UUID) -> bool:
    """Give the capacity back that the interaction has claimed; False if it has not."""
    return bool(await connection.fetchval(_RELEASE, interaction_id))


async def claim_again(connection: WriteConnection, interaction_id: UUID, agent_id: UUID, channel: str) -> None:
    """Claim capacity for what the agent goes on with, unless it is claimed still."""
    await connection.execute(_CLAIM_AGAIN, interaction_id, agent_id, channel)


async def wrap_ups_due(connection: AnyConnection, now: datetime, limit: int) -> list[UUID]:
    """Wrap-ups whose time is over and that still keep capacity."""
    return [row["id"] for row in await connection.fetch(_WRAP_UPS_DUE, now, limit)]


async def held_or_offered(connection: AnyConnection, agent_id: UUID, states: Collection[State]) -> Sequence[Row]:
    """What an agent has in hand in these states or on offer, in the order in which it is to be locked."""
    return list(await connection.fetch(_HELD_OR_OFFERED, agent_id, [state.value for state in states]))
