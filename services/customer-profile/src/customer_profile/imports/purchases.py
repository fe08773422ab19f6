"""A chunk of purchases in a handful of statements."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.events import EventPayload
from careline.ids import encode, new_id
from customer_profile.context import Work
from customer_profile.events import PurchaseRecorded
from customer_profile.identifiers import repository as identifiers
from customer_profile.imports.outcome import Outcome
from customer_profile.imports.rows import Checked
from customer_profile.purchases.buyers import names_one_person
from customer_profile.purchases.schemas import Purchase, PurchaseItem
from customer_profile.purchases.service import facts

# Customers are locked in the order of their ids before anything is written, so imports wait in a line, not in a ring.
_LOCK = "SELECT id FROM customers WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"

_INSERT = """
INSERT INTO purchases (id, customer_id, source, external_id, purchased_at, items, total_minor, currency, recorded_at)
SELECT id, customer_id, $2, external_id, purchased_at, items, total_minor, currency, $9
FROM unnest($1::uuid[], $3::uuid[], $4::text[], $5::timestamptz[], $6::jsonb[], $7::bigint[], $8::text[])
     AS given(id, customer_id, external_id, purchased_at, items, total_minor, currency)
ON CONFLICT (external_id, source) DO NOTHING RETURNING id
"""

_RECORDED = """
SELECT id, customer_id, source, external_id, purchased_at, items, total_minor, currency, recorded_at FROM purchases
WHERE external_id = ANY($1::text[]) AND source = $2
"""

_ADVANCE = """
UPDATE customers SET version = version + given.number, lifecycle = 'customer', updated_at = $3
FROM unnest($1::uuid[], $2::bigint[]) AS given(id, number) WHERE customers.id = given.id
RETURNING customers.id, version
"""

_TIMELINE = """
INSERT INTO timeline_entries (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                              identity, sequence)
SELECT id, customer_id, customer_id, 'purchase', purchased_at, 'timeline.purchase.recorded', facts, $2, 'verified', 0
FROM unnest($1::uuid[], $3::uuid[], $4::timestamptz[], $5::jsonb[]) AS given(id, customer_id, purchased_at, facts)
"""


async def take(work: Work, rows: Sequence[Checked], source: str) -> Outcome:
    """Record the purchases of a chunk; those that are recorded already stay as they are."""
    outcome = Outcome()
    wanted = await _with_buyers(work, rows, source, outcome)
    recorded = await _insert(work, list(wanted.values()), source) if wanted else set()
    await _compare_others(work, {row: each for row, each in wanted.items() if each.id not in recorded}, rows, outcome)
    new = [each for each in wanted.values() if each.id in recorded]
    if new:
        await _tell(work, new)
    outcome.created = len(new)
    return outcome


async def _with_buyers(work: Work, rows: Sequence[Checked], source: str, outcome: Outcome) -> dict[int, Purchase]:
    """Row number → purchase; rows whose buyer is unknown are refused. The buyers are locked."""
    held = await identifiers.find(work.connection, [normal for row in rows for normal in row.identifiers])
    buyers: dict[int, UUID] = {}
    for row in rows:
        holder = held.get(row.identifiers[0].key) if row.identifiers else None
        if holder is not None and not names_one_person(holder, row.identifiers[0]):
            hint = "Name the buyer by a mobile number, a card, a mail address or our customer id."
            outcome.refuse(row, "phone", "may belong to several people", row.identifiers[0].typed, hint)
            continue
        buyers[row.row] = holder.customer_id if holder else row.data.customer_id
    there = {row["id"] for row in await work.connection.fetch(_LOCK, [id_ for id_ in buyers.values() if id_])}
    purchases = {}
    for row in rows:
        if row.row not in buyers:
            continue
        if buyers[row.row] in there:
            purchases[row.row] = _purchase(row.data, buyers[row.row], source, work.now)
        else:
            named = row.identifiers[0] if row.identifiers else None
            hint = "Import the customers first; check the number and its namespace."
            outcome.refuse(
                row, named.type if named else "customer_id", "unknown customer", named.typed if named else "", hint
            )
    return purchases


async def _insert(work: Work, purchases: Sequence[Purchase], source: str) -> set[UUID]:
    rows = await work.connection.fetch(
        _INSERT,
        [each.id for each in purchases],
        source,
        [each.customer_id for each in purchases],
        [each.external_id for each in purchases],
        [each.purchased_at for each in purchases],
        [json.dumps([item.model_dump() for item in each.items], ensure_ascii=False) for each in purchases],
        [each.total_minor for each in purchases],
        [each.currency for each in purchases],
        work.now,
    )
    return {row["id"] for row in rows}


async def _compare_others(work: Work, others: dict[int, Purchase], rows: Sequence[Checked], outcome: Outcome) -> None:
    """The same purchase again changes nothing; another one under its number is refused."""
    if not others:
        return
    source = next(iter(others.values())).source
    found = await work.connection.fetch(_RECORDED, [each.external_id for each in others.values()], source)
    recorded = {row["external_id"]: Purchase(**dict(row) | {"items": json.loads(row["items"])}) for row in found}
    for row in rows:
        wanted = others.get(row.row)
        if wanted is None:
            continue
        if _content(wanted) == _content(recorded[wanted.external_id]):
            outcome.unchanged += 1
        else:
            hint = f"It is {encode('pur', recorded[wanted.external_id].id)}; give this one a number of its own."
            outcome.refuse(row, "external_id", "another purchase has this number", wanted.external_id, hint)


async def _tell(work: Work, purchases: Sequence[Purchase]) -> None:
    counts = Counter(each.customer_id for each in purchases)
    advanced = await work.connection.fetch(_ADVANCE, list(counts), list(counts.values()), work.now)
    next_sequence = {row["id"]: row["version"] - counts[row["id"]] + 1 for row in advanced}
    events: list[tuple[EventPayload, str, int, datetime]] = []
    for each in purchases:
        sequence = next_sequence[each.customer_id]
        next_sequence[each.customer_id] += 1
        events.append((_event(each), encode("cus", each.customer_id), sequence, work.now))
    await work.outbox.append_many(work.connection, events)
    await work.connection.execute(
        _TIMELINE,
        [each.id for each in purchases],
        purchases[0].source,
        [each.customer_id for each in purchases],
        [each.purchased_at for each in purchases],
        [json.dumps(facts(each)) for each in purchases],
    )


def _event(purchase: Purchase) -> PurchaseRecorded:
    return PurchaseRecorded(
        customer_id=purchase.customer_id,
        purchase_id=purchase.id,
        purchased_at=purchase.purchased_at,
        total_minor=purchase.total_minor,
        currency=purchase.currency,
        source=purchase.source,
    )


def _purchase(data: Any, customer_id: UUID, source: str, now: datetime) -> Purchase:
    item = PurchaseItem(
        sku=data.sku,
        name=data.item or data.category or data.external_id,
        category=data.category,
        quantity=data.quantity,
        amount_minor=data.total_minor,
    )
    return Purchase(
        id=new_id(),
        customer_id=customer_id,
        source=source,
        external_id=data.external_id,
        purchased_at=data.purchased_at,
        items=[item],
        total_minor=data.total_minor,
        currency=data.currency,
        recorded_at=now,
    )


def _content(purchase: Purchase) -> dict[str, Any]:
    return purchase.model_dump(exclude={"id", "recorded_at"})
