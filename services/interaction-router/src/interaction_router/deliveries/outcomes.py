"""From what happened to a delivery to what is said about it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from careline.database import WriteConnection
from careline.events import EventPayload
from careline.ids import encode
from careline.outbox import Outbox
from interaction_router.deliveries.events import Cancelled, Failed, Sent, Unknown
from interaction_router.interactions.rows import Row


def facts(row: Row) -> dict[str, Any]:
    """What every event of a delivery says."""
    return {
        "delivery_id": row["id"],
        "care_id": row["care_id"],
        "customer_id": row["customer_id"],
        "means": row["means"],
    }


def outcome_of(row: Row, business_now: datetime) -> EventPayload | None:
    """The event that a delivery's present state calls for; none while it is still to be sent."""
    match row["state"]:
        case "sent":
            return Sent(**facts(row), sent_at=business_now)
        case "unknown":
            return Unknown(**facts(row), final=row["due_at"] is None)
        case "failed":
            return Failed(**facts(row), reason=row["reason"])
        case "cancelled":
            return Cancelled(**facts(row), gate=row["reason"])
    return None


async def tell(
    connection: WriteConnection, outbox: Outbox, rows: Sequence[Row], now: datetime, business_now: datetime
) -> None:
    """Say on Kafka what became of deliveries that this transaction has moved."""
    payloads = [(outcome_of(row, business_now), row) for row in rows]
    items = [(said, encode("dlv", row["id"]), row["version"], now) for said, row in payloads if said is not None]
    if items:
        await outbox.append_many(connection, items)
