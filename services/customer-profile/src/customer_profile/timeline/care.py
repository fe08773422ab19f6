"""Turns care and its deliveries into timeline entries: one entry for each care that was due.

Care and the router speak on topics of their own, so that a delivery may be heard of before the care that it carries.
The entry is the same in either order: care says what it is and when it was due, the delivery what became of it.
"""

import json
from typing import Final

from careline.database import Transaction
from careline.events import Event
from careline.ids import decode
from careline.statements import execute

DUE: Final = "care.due"
# What became of it, as the entry shows it.
DELIVERIES: Final = {
    "delivery.sent": "sent",
    "delivery.unknown": "unknown",
    "delivery.failed": "failed",
    "delivery.cancelled": "cancelled",
    "delivery.bounced": "bounced",
    "delivery.completed": "completed",
    "delivery.replied": "replied",
}
_FACTS: Final = ("occasion", "purpose", "means", "reference")
_OUTCOMES: Final = ("outcome", "reason", "gate", "interaction_id")

_DUE = """
INSERT INTO timeline_entries AS entry (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                                       identity, sequence)
VALUES ($1, $2, $2, 'care', $3, 'timeline.care.due', $4::jsonb, 'care', 'verified', $5)
ON CONFLICT (id) DO UPDATE
SET occurred_at = excluded.occurred_at, facts = excluded.facts || entry.facts, sequence = excluded.sequence
WHERE entry.sequence < excluded.sequence
"""

# The delivery counts its own events; the entry's sequence is care's.
_DELIVERED = """
INSERT INTO timeline_entries AS entry (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                                       identity, sequence)
VALUES ($1, $2, $2, 'care', $3, $4, $5::jsonb, 'care', 'verified', 0)
ON CONFLICT (id) DO UPDATE
SET title_key = excluded.title_key, facts = entry.facts || excluded.facts
WHERE coalesce((entry.facts ->> 'delivery_sequence')::bigint, -1) < $6
"""


async def project_due(transaction: Transaction, event: Event) -> None:
    """Somebody is to be cared for now."""
    facts = {name: event.data[name] for name in _FACTS if event.data[name] is not None}
    facts |= {"care_id": event.data["care_id"], "state": "due", "not_after": event.data["not_after"]}
    await execute(
        transaction,
        _DUE,
        decode("car", event.data["care_id"]),
        decode("cus", event.data["customer_id"]),
        event.occurred_at,
        json.dumps(facts),
        event.sequence,
    )


async def project_delivery(transaction: Transaction, event: Event) -> None:
    """It was carried to the customer, or was not."""
    state = DELIVERIES[event.type]
    facts = {name: event.data[name] for name in _OUTCOMES if event.data.get(name) is not None}
    facts |= {"care_id": event.data["care_id"], "delivery_id": event.data["delivery_id"], "state": state}
    await execute(
        transaction,
        _DELIVERED,
        decode("car", event.data["care_id"]),
        decode("cus", event.data["customer_id"]),
        event.occurred_at,
        f"timeline.care.{state}",
        json.dumps(facts | {"delivery_sequence": event.sequence}),
        event.sequence,
    )
