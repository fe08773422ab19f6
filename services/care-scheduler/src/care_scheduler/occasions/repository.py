"""Statements on occasions and on how far they are planned."""

from datetime import date, datetime
from typing import Any

from care_scheduler.context import Work
from care_scheduler.occasions.model import Key, Occasion, from_row
from care_scheduler.occasions.schemas import OccasionInput
from careline.database import ReadConnection, WriteConnection

_ALL = "SELECT * FROM occasions ORDER BY key"
_ONE = "SELECT * FROM occasions WHERE key = $1"
# Not FOR UPDATE: a planner that moves its progress twice checks the foreign key, and would wait for us as we for it.
_LOCK = "SELECT * FROM occasions WHERE key = $1 FOR NO KEY UPDATE"

_CHANGE = """
UPDATE occasions
SET send_time = $2, lead_days = $3, valid_hours = $4, leap_month_policy = $5, day_30_policy = $6, feb_29_policy = $7,
    customers_only = $8, active = $9, version = version + 1
WHERE key = $1
RETURNING *
"""

# Everything that is planned already is planned once more; items that nobody has acted on follow the new rule.
_PLAN_ANEW = """
UPDATE plan_progress
SET changed_at = coalesce(changed_at, $2),
    run_from = least(run_from, $3),
    run_until = greatest(run_until, planned_until, $4),
    after_customer_id = NULL,
    planned_until = NULL
WHERE occasion = $1
"""


async def all_occasions(connection: ReadConnection | WriteConnection) -> list[Occasion]:
    """Every occasion."""
    return [from_row(row) for row in await connection.fetch(_ALL)]


async def occasion(connection: ReadConnection | WriteConnection, key: Key) -> Occasion:
    """One occasion as it is now."""
    return from_row(await connection.fetchrow(_ONE, key))


async def locked(work: Work, key: Key) -> Occasion:
    """One occasion, held until the transaction ends."""
    return from_row(await work.row(_LOCK, key))


async def change(work: Work, key: Key, body: OccasionInput) -> Occasion:
    """Give an occasion new rules."""
    row: Any = await work.row(
        _CHANGE,
        key,
        body.send_time,
        body.lead_days,
        body.valid_hours,
        body.leap_month_policy,
        body.day_30_policy,
        body.feb_29_policy,
        body.customers_only,
        body.active,
    )
    return from_row(row)


async def plan_anew(work: Work, key: Key, changed_at: datetime, first: date, last: date) -> None:
    """Let the planner go through all customers once more for the days from `first` to at least `last`."""
    await work.execute(_PLAN_ANEW, key, changed_at, first, last)
