"""Where offers are kept, and capacity is claimed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from careline.database import WriteConnection
from careline.ids import encode
from careline.problems import Conflict, NotFound
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.interactions.schemas import OfferReason

# Work that somebody else has in hand is left out; the agents' rows are locked while they are asked, in the order of
# their ids and after the work, so nobody can go away unseen; the CHECK on their capacity has the last word whatever
# the decision believed; and the partial unique index refuses a second open offer of the same work.
_MAKE = """
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[])
        AS w(offer_id, interaction_id, agent_id, channel, expires_at, why)
), work AS MATERIALIZED (
    SELECT id FROM interactions WHERE id = ANY($2) AND state = 'queued' ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
), agent AS MATERIALIZED (
    SELECT a.id FROM agents a
    WHERE a.id IN (SELECT w.agent_id FROM wanted w JOIN work ON work.id = w.interaction_id)
        AND a.active AND a.presence = 'available' AND NOT a.not_responding
    ORDER BY a.id FOR NO KEY UPDATE
), free AS MATERIALIZED (
    SELECT w.* FROM wanted w JOIN work ON work.id = w.interaction_id JOIN agent ON agent.id = w.agent_id
), claimed AS (
    INSERT INTO capacity_claims (interaction_id, agent_id, channel) SELECT interaction_id, agent_id, channel FROM free
), offered AS (
    INSERT INTO offers (id, interaction_id, agent_id, decision_id, offered_at, expires_at, why)
    SELECT offer_id, interaction_id, agent_id, $7, $8, expires_at, why::jsonb FROM free
)
UPDATE interactions i SET state = 'offered', version = version + 1, updated_at = $8, waiting_reason = NULL
FROM free WHERE i.id = free.interaction_id RETURNING i.id, i.version
"""
_END = """
UPDATE offers SET state = $2, ended_at = $3, reason = $4
WHERE id = $1 AND state = 'open' AND ($5::timestamptz IS NULL OR expires_at > $5)
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class NewOffer:
    """What the decision wants offered."""

    id: UUID
    interaction_id: UUID
    agent_id: UUID
    capacity_channel: str
    expires_at: datetime
    why: OfferReason


class OfferGone(Conflict):
    """The offer is over."""

    type_name = "offer-gone"
    title = "The offer is gone"


def unknown(offer_id: UUID) -> NotFound:
    """There is no such offer, or it is another agent's."""
    return NotFound("offer", encode("off", offer_id))


async def make(
    connection: WriteConnection, offers: Sequence[NewOffer], decision_id: UUID, now: datetime
) -> dict[UUID, int]:
    """Open these offers, claiming their agents' capacity; the new version of each interaction that is offered now.

    Left out is whoever or whatever is not there any more; CheckViolationError if an agent has no room.
    """
    rows = await connection.fetch(
        _MAKE,
        [each.id for each in offers],
        [each.interaction_id for each in offers],
        [each.agent_id for each in offers],
        [each.capacity_channel for each in offers],
        [each.expires_at for each in offers],
        [each.why.model_dump_json() for each in offers],
        decision_id,
        now,
    )
    return {row["id"]: row["version"] for row in rows}


async def find(connection: AnyConnection, offer_id: UUID) -> Row | None:
    """One offer, or nothing."""
    row: Row | None = await connection.fetchrow("SELECT * FROM offers WHERE id = $1", offer_id)
    return row


async def open_of(connection: AnyConnection, interaction_id: UUID) -> Row | None:
    """The open offer of an interaction."""
    row: Row | None = await connection.fetchrow(
        "SELECT * FROM offers WHERE interaction_id = $1 AND state = 'open'", interaction_id
    )
    return row


async def end(
    connection: WriteConnection,
    offer_id: UUID,
    state: str,
    now: datetime,
    *,
    reason: str | None = None,
    before: datetime | None = None,
) -> bool:
    """End an open offer (that has not expired `before`); False if somebody else has ended it."""
    return bool(await connection.fetchval(_END, offer_id, state, now, reason, before))


async def is_due(connection: AnyConnection, offer_id: UUID, now: datetime) -> bool:
    """Whether an offer is open and past its deadline."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM offers WHERE id = $1 AND state = 'open' AND expires_at <= $2)",
            offer_id,
            now,
        )
    )


async def due(connection: AnyConnection, now: datetime, limit: int) -> list[UUID]:
    """Open offers past their deadline."""
    rows = await connection.fetch(
        "SELECT id FROM offers WHERE state = 'open' AND expires_at <= $1 ORDER BY expires_at LIMIT $2", now, limit
    )
    return [row["id"] for row in rows]
