"""The mirror of customers: kept by whole batches, and marked when the profile tells of a change."""

from datetime import datetime
from uuid import UUID

from care_scheduler.customers.facts import PlanFacts
from careline.database import ReadConnection, WriteConnection
from careline.statements import execute

# A change that planning does not care about (a new name) leaves the plans alone. An older version never wins.
_KEEP = """
INSERT INTO care_customers AS kept
    (customer_id, version, is_customer, birthday_calendar, birthday_month, birthday_day, birthday_leap, since_on,
     time_zone, time_zone_known, last_purchase_id, overdue_at, known_since, changed_at)
SELECT n.*, $13::timestamptz, $13::timestamptz
FROM unnest($1::uuid[], $2::bigint[], $3::boolean[], $4::text[], $5::smallint[], $6::smallint[], $7::boolean[],
            $8::date[], $9::text[], $10::boolean[], $11::text[], $12::timestamptz[]) AS n
ORDER BY 1
ON CONFLICT (customer_id) DO UPDATE SET
    version = excluded.version,
    is_customer = excluded.is_customer,
    birthday_calendar = excluded.birthday_calendar,
    birthday_month = excluded.birthday_month,
    birthday_day = excluded.birthday_day,
    birthday_leap = excluded.birthday_leap,
    since_on = excluded.since_on,
    time_zone = excluded.time_zone,
    time_zone_known = excluded.time_zone_known,
    last_purchase_id = excluded.last_purchase_id,
    overdue_at = excluded.overdue_at,
    changed_at = CASE
        WHEN (kept.is_customer, kept.birthday_calendar, kept.birthday_month, kept.birthday_day, kept.birthday_leap,
              kept.since_on, kept.time_zone, kept.last_purchase_id, kept.overdue_at)
            IS DISTINCT FROM
             (excluded.is_customer, excluded.birthday_calendar, excluded.birthday_month, excluded.birthday_day,
              excluded.birthday_leap, excluded.since_on, excluded.time_zone, excluded.last_purchase_id,
              excluded.overdue_at)
        THEN coalesce(kept.changed_at, excluded.changed_at)
        ELSE kept.changed_at END
WHERE kept.version <= excluded.version
RETURNING customer_id
"""
_DROP_WARRANTIES = """
DELETE FROM care_warranties w
WHERE w.customer_id = ANY($1::uuid[]) AND NOT EXISTS (
    SELECT FROM unnest($2::uuid[], $3::text[]) AS n (customer_id, product_id)
    WHERE (n.customer_id, n.product_id) = (w.customer_id, w.product_id))
RETURNING customer_id
"""
_KEEP_WARRANTIES = """
INSERT INTO care_warranties AS kept (customer_id, product_id, ends_on)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::date[])
ON CONFLICT (customer_id, product_id) DO UPDATE SET ends_on = excluded.ends_on
WHERE kept.ends_on <> excluded.ends_on
RETURNING customer_id
"""
_CHANGED = """
UPDATE care_customers SET changed_at = coalesce(changed_at, $2) WHERE customer_id = ANY($1::uuid[])
"""
_FORGET = "DELETE FROM care_customers WHERE customer_id = ANY($1::uuid[])"
_FORGET_PLANS = """
DELETE FROM care_items
WHERE customer_id = ANY($1::uuid[]) AND state = 'planned' AND coalesce(claimed_until < clock_timestamp(), true)
"""

_MARK = """
INSERT INTO care_customers_dirty AS dirty (customer_id) SELECT DISTINCT unnest($1::uuid[]) ORDER BY 1
ON CONFLICT (customer_id) DO UPDATE SET marks = dirty.marks + 1
"""
_MARKED = "SELECT customer_id, marks FROM care_customers_dirty ORDER BY marked_at LIMIT $1"
# Marked again while the profile was asked: asked again.
_CLEAR = """
DELETE FROM care_customers_dirty d USING unnest($1::uuid[], $2::bigint[]) AS seen (customer_id, marks)
WHERE (d.customer_id, d.marks) = (seen.customer_id, seen.marks)
"""

_BACKFILL = "SELECT after_customer_id, finished_at IS NOT NULL FROM care_backfill"
# Moves only from where this process read it; another one may have been faster.
_MOVE_BACKFILL = """
UPDATE care_backfill SET after_customer_id = coalesce($2, after_customer_id), finished_at = $3
WHERE finished_at IS NULL AND after_customer_id IS NOT DISTINCT FROM $1
RETURNING 1
"""


async def keep(connection: WriteConnection, facts: list[PlanFacts], default_zone: str, now: datetime) -> None:
    """Mirror some customers; those whose dates changed are marked for planning. `now` is business time."""
    zones = [each.zone(default_zone) for each in facts]
    birthdays = [each.birthday for each in facts]
    rows = await connection.fetch(
        _KEEP,
        [each.customer_id for each in facts],
        [each.version for each in facts],
        [each.lifecycle == "customer" for each in facts],
        [each.calendar if each else None for each in birthdays],
        [each.month if each else None for each in birthdays],
        [each.day if each else None for each in birthdays],
        [each.leap_month if each else None for each in birthdays],
        [each.since_on for each in facts],
        [zone for zone, _ in zones],
        [known for _, known in zones],
        [each.cadence.last_purchase_id if each.cadence else None for each in facts],
        [each.cadence.overdue_at if each.cadence else None for each in facts],
        now,
    )
    await _keep_warranties(connection, facts, [row[0] for row in rows], now)


async def _keep_warranties(
    connection: WriteConnection, facts: list[PlanFacts], applied: list[UUID], now: datetime
) -> None:
    fresh = set(applied)
    items = [
        (each.customer_id, warranty.product_id, warranty.ends_on)
        for each in facts
        if each.customer_id in fresh
        for warranty in each.warranties
    ]
    owners, products, ends = ([item[column] for item in items] for column in range(3))
    changed = await connection.fetch(_DROP_WARRANTIES, applied, owners, products)
    if items:
        changed += await connection.fetch(_KEEP_WARRANTIES, owners, products, ends)
    if changed:
        await connection.execute(_CHANGED, [row[0] for row in changed], now)


async def forget(connection: WriteConnection, customer_ids: list[UUID]) -> None:
    """Drop customers whom the profile does not know any more, and what is planned for them."""
    await connection.execute(_FORGET_PLANS, customer_ids)
    await connection.execute(_FORGET, customer_ids)


async def mark(connection: WriteConnection, customer_ids: list[UUID]) -> None:
    """Remember that the profile is to be asked about some customers."""
    await execute(connection, _MARK, customer_ids)


async def marked(connection: ReadConnection, at_most: int) -> dict[UUID, int]:
    """Customers to ask about, those that have waited longest, with how often they were marked."""
    return {row[0]: row[1] for row in await connection.fetch(_MARKED, at_most)}


async def clear(connection: WriteConnection, seen: dict[UUID, int]) -> None:
    """Take off the marks that were seen before the profile was asked."""
    await connection.execute(_CLEAR, list(seen), list(seen.values()))


async def backfill(connection: ReadConnection) -> tuple[UUID | None, bool]:
    """The last customer who was mirrored at the first time, and whether all are."""
    row = await connection.fetchrow(_BACKFILL)
    assert row is not None  # noqa: S101 -- by migration
    return row[0], row[1]


async def move_backfill(
    connection: WriteConnection, before: UUID | None, after: UUID | None, finished_at: datetime | None
) -> bool:
    """Move the cursor of the first mirroring; False if somebody else has moved it."""
    return await connection.fetchval(_MOVE_BACKFILL, before, after, finished_at) is not None
