"""Statements on suppressions."""

from datetime import datetime
from uuid import UUID

from care_scheduler.unsubscribes.tokens import Refusal
from careline.database import Transaction, WriteConnection
from careline.statements import execute

_SUPPRESS = """
INSERT INTO suppressions (customer_id, purpose, channel, suppressed_at) VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING RETURNING true
"""
_NEXT = "UPDATE care_items SET version = version + 1 WHERE id = $1 AND customer_id = $2 RETURNING version"
# A yes from before the no, which only arrives late, lifts nothing.
_LIFT = """
DELETE FROM suppressions WHERE customer_id = $1 AND purpose = $2 AND channel = $3 AND suppressed_at < $4
"""


async def suppress(connection: WriteConnection, refusal: Refusal, now: datetime) -> bool:
    """Keep a customer's no; False if it is known already."""
    return bool(await connection.fetchval(_SUPPRESS, refusal.customer_id, refusal.purpose, refusal.channel, now))


async def next_version(connection: WriteConnection, refusal: Refusal) -> int | None:
    """The number of the care's next event; None if the care is no more."""
    version: int | None = await connection.fetchval(_NEXT, refusal.care_id, refusal.customer_id)
    return version


async def lift(transaction: Transaction, customer_id: UUID, purpose: str, channel: str, granted_at: datetime) -> None:
    """The customer has said yes again, later than no."""
    await execute(transaction, _LIFT, customer_id, purpose, channel, granted_at)
