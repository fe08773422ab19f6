"""Numbers what happens to a customer and tells it: the version under the row lock is the events' sequence."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from careline.database import Transaction
from careline.events import EventPayload
from careline.ids import encode
from careline.outbox import Outbox
from careline.problems import NotFound
from careline.statements import fetch

_ADVANCE = "UPDATE customers SET version = version + $2, updated_at = $3 WHERE id = $1 RETURNING version"


async def tell(
    transaction: Transaction, outbox: Outbox, customer_id: UUID, payloads: Sequence[EventPayload], now: datetime
) -> int:
    """Append `payloads` as the customer's next events and return the new version; NotFound without a customer."""
    rows = await fetch(transaction, _ADVANCE, customer_id, len(payloads), now)
    if not rows:
        raise NotFound("customer", encode("cus", customer_id))
    version = int(rows[0][0])
    for sequence, payload in enumerate(payloads, start=version - len(payloads) + 1):
        await outbox.append(
            transaction, payload, aggregate_id=encode("cus", customer_id), sequence=sequence, occurred_at=now
        )
    return version
