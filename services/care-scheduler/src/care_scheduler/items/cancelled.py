"""Care that was held and whose reason is gone: whoever heard that it is held hears that it is over."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from care_scheduler.events import CareCompleted
from careline.database import Transaction
from careline.ids import encode
from careline.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Cancelled:
    """An item that is cancelled now; the version is that of its last event."""

    id: UUID
    customer_id: UUID
    occasion: str
    reference: str | None
    version: int


async def tell(transaction: Transaction, outbox: Outbox, cancelled: list[Cancelled], occurred_at: datetime) -> None:
    """Say that these are over. `occurred_at` is real time."""
    for item in cancelled:
        await outbox.append(
            transaction,
            CareCompleted(
                care_id=item.id,
                customer_id=item.customer_id,
                occasion=item.occasion,
                reference=item.reference,
                outcome="cancelled",
            ),
            aggregate_id=encode("car", item.id),
            sequence=item.version,
            occurred_at=occurred_at,
        )
