"""Where offers are kept, and capacity is claimed."""

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from careline.database import WriteConnection
from careline.ids import encode
from careline.problems import Conflict, NotFound
from interaction_router.interactions.rows import AnyConnection, Row

if TYPE_CHECKING:
    from interaction_router.offers.service import NewOffer

# The agent's row is locked while she is asked, so she cannot go away unseen; the CHECK on her capacity has the
# last word whatever the decision believed.
_CLAIM = """
WITH agent AS (
    SELECT id FROM agents
    WHERE id = $2 AND active AND presence = 'available' AND NOT not_responding FOR UPDATE
)
INSERT INTO capacity_claims (interaction_id, agent_id, channel)
SELECT $1, agent.id, $3 FROM agent
RETURNING interaction_id
"""
_INSERT = """
INSERT INTO offers (id, interaction_id, agent_id, decision_id, offered_at, expires_at, why)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""
_END = """
UPDATE offers SET state = $2, ended_at = $3, reason = $4
WHERE id = $1 AND state = 'open' AND ($5::timestamptz IS NULL OR expires_at > $5)
RETURNING id
"""


class OfferGone(Conflict):
    """The offer is over."""

    type_name = "offer-gone"
    title = "The offer is gone"


def unknown(offer_id: UUID) -> NotFound:
    """There is no such offer, or it is another agent's."""
    return NotFound("offer", encode("off", offer_id))


async def claim_capacity(connection: WriteConnection, interaction_id: UUID, agent_id: UUID, channel: str) -> bool:
    """Claim room for one more piece of work; CheckViolationError if there is none."""
    return bool(await connection.fetchval(_CLAIM, interaction_id, agent_id, channel))


async def insert(
    connection: WriteConnection, offer_id: UUID, new: "NewOffer", offered_at: datetime, expires_at: datetime
) -> None:
    """Keep an open offer; the partial unique index refuses a second one for the same work."""
    await connection.execute(
        _INSERT,
        offer_id,
        new.interaction_id,
        new.agent_id,
        new.decision_id,
        offered_at,
        expires_at,
        new.why.model_dump_json(),
    )


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
