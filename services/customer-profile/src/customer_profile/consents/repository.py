"""Statements on the ledger of consents, which the database lets nobody change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import ReadConnection, Transaction
from careline.statements import execute
from customer_profile.consents.schemas import Consent

_APPEND = """
INSERT INTO consents (id, customer_id, number, purpose, channel, state, source, proof, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

_PAGE = """
SELECT id, purpose, channel, state, source, proof, recorded_by, recorded_at FROM consents
WHERE customer_id = $1 AND ($2::timestamptz IS NULL OR (recorded_at, id) < ($2, $3::uuid))
ORDER BY recorded_at DESC, id DESC LIMIT $4
"""


async def append(transaction: Transaction, customer_id: UUID, number: int, entry: Consent) -> None:
    """Write an entry down; `number` is the customer's version with it."""
    await execute(
        transaction,
        _APPEND,
        entry.id,
        customer_id,
        number,
        entry.purpose,
        entry.channel,
        entry.state,
        entry.source,
        entry.proof,
        entry.recorded_by,
        entry.recorded_at,
    )


async def page(
    connection: ReadConnection, customer_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Entries before `after`, newest first; one more than `limit` tells that there is a next page."""
    moment, id_ = after or (None, None)
    return [dict(row) for row in await connection.fetch(_PAGE, customer_id, moment, id_, limit + 1)]
