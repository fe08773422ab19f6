"""Turns care and its deliveries into timeline entries: one entry for each care that was due.

Care and the router speak on topics of their own, so that a delivery may be heard of before the care that it carries.
The entry is the same in either order: care says what it is and when it was due, the delivery what became of it.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from careline.database import Transaction
from careline.events import Event
from careline.ids import decode
from careline.statements import execute

DUE: Final = "care.due"
SENT: Final = "delivery.sent"
# What became of it, as the entry shows it.
DELIVERIES: Final = {
    SENT: "sent",
    "delivery.unknown": "unknown",
    "delivery.failed": "failed",
    "delivery.cancelled": "cancelled",
    "delivery.bounced": "bounced",
    "delivery.completed": "completed",
    "delivery.replied": "replied",
}
_FACTS: Final = ("occasion", "purpose", "means", "reference")
_OUTCOMES: Final = ("outcome", "reason", "gate", "interaction_id")

# Statements on many, because ten thousand come in a row on the day of a festival. In the order of their ids, so that
# a batch of care and one of deliveries wait in a line and not in a ring.
_DUE = """
INSERT INTO timeline_entries AS entry (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                                       identity, sequence)
SELECT id, customer_id, customer_id, 'care', occurred_at, 'timeline.care.due', facts, 'care', 'verified', sequence
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::jsonb[], $5::bigint[])
    AS told (id, customer_id, occurred_at, facts, sequence)
ORDER BY id
ON CONFLICT (id) DO UPDATE
SET occurred_at = excluded.occurred_at, facts = excluded.facts || entry.facts, sequence = excluded.sequence
WHERE entry.sequence < excluded.sequence
"""

# The delivery counts its own events; the entry's sequence is care's.
_DELIVERED = """
INSERT INTO timeline_entries AS entry (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                                       identity, sequence)
SELECT id, customer_id, customer_id, 'care', occurred_at, 'timeline.care.' || (facts ->> 'state'), facts, 'care',
       'verified', 0
FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::jsonb[]) AS told (id, customer_id, occurred_at, facts)
ORDER BY id
ON CONFLICT (id) DO UPDATE
SET title_key = excluded.title_key, facts = entry.facts || excluded.facts
WHERE coalesce((entry.facts ->> 'delivery_sequence')::bigint, -1) < (excluded.facts ->> 'delivery_sequence')::bigint
"""


async def project_due(transaction: Transaction, events: Sequence[Event]) -> None:
    """Customers are to be cared for now."""
    last = _last_of_each(events)
    await execute(transaction, _DUE, *_columns(last, _due_facts), [event.sequence for event in last])


async def project_deliveries(transaction: Transaction, events: Sequence[Event]) -> None:
    """Care was carried to customers, or was not."""
    await execute(transaction, _DELIVERED, *_columns(_last_of_each(events), _delivery_facts))


def _columns(events: Sequence[Event], facts: Callable[[Event], dict[str, Any]]) -> tuple[list[Any], ...]:
    return (
        [decode("car", event.data["care_id"]) for event in events],
        [decode("cus", event.data["customer_id"]) for event in events],
        [event.occurred_at for event in events],
        [json.dumps(facts(event)) for event in events],
    )


def _last_of_each(events: Sequence[Event]) -> list[Event]:
    """No statement may write a row twice; the last event of its kind tells all that the others do."""
    last: dict[str, Event] = {}
    for event in events:
        known = last.get(event.data["care_id"])
        if known is None or known.sequence <= event.sequence:
            last[event.data["care_id"]] = event
    return list(last.values())


def _due_facts(event: Event) -> dict[str, Any]:
    facts = {name: event.data[name] for name in _FACTS if event.data[name] is not None}
    return facts | {"care_id": event.data["care_id"], "state": "due", "not_after": event.data["not_after"]}


def _delivery_facts(event: Event) -> dict[str, Any]:
    facts = {name: event.data[name] for name in _OUTCOMES if event.data.get(name) is not None}
    named = {"care_id": event.data["care_id"], "delivery_id": event.data["delivery_id"]}
    return facts | named | {"state": DELIVERIES[event.type], "delivery_sequence": event.sequence}
