"""How far each occasion is planned, and what is planned next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from care_scheduler.items.cancelled import Cancelled
from care_scheduler.occasions.model import Key, Occasion
from care_scheduler.plans import statements
from care_scheduler.plans.days import Days, Slots
from careline.database import WriteConnection

# One chunk is one transaction: well below the time limit of a statement, and what a crash repeats at most.
CHUNK = 20_000
CHANGED_CHUNK = 2_000
_EVER = datetime(1, 1, 1, tzinfo=UTC)

# Another process that plans this occasion has the row; there is enough else to do.
_LOCK = "SELECT * FROM plan_progress WHERE occasion = $1 FOR UPDATE SKIP LOCKED"
# Held against runs that begin meanwhile: a run and a second look at a customer come one after the other.
_SHARE = "SELECT * FROM plan_progress ORDER BY occasion FOR SHARE"
_BEGIN = "UPDATE plan_progress SET run_from = $2, run_until = $3, after_customer_id = NULL WHERE occasion = $1"
_ADVANCE = "UPDATE plan_progress SET after_customer_id = $2 WHERE occasion = $1"
_FINISH = """
UPDATE plan_progress
SET planned_until = $2, run_from = NULL, run_until = NULL, after_customer_id = NULL, changed_at = NULL
WHERE occasion = $1
"""
_NEXT_CHUNK = """
SELECT customer_id, count(*) OVER () FROM (
    SELECT customer_id FROM care_customers WHERE $1::uuid IS NULL OR customer_id > $1 ORDER BY customer_id LIMIT $2
) chunk ORDER BY customer_id DESC LIMIT 1
"""
# Steps from zone to zone along the index; looking at every customer would take longer than planning them.
_ZONES = """
WITH RECURSIVE zone AS (
    (SELECT time_zone FROM care_customers ORDER BY time_zone LIMIT 1)
    UNION ALL
    SELECT (SELECT c.time_zone FROM care_customers c WHERE c.time_zone > zone.time_zone ORDER BY c.time_zone LIMIT 1)
    FROM zone WHERE zone.time_zone IS NOT NULL
)
SELECT time_zone FROM zone WHERE time_zone IS NOT NULL
"""
_CHANGED = """
SELECT customer_id, time_zone, changed_at FROM care_customers
WHERE changed_at IS NOT NULL ORDER BY customer_id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
_TAKEN_IN = "UPDATE care_customers SET changed_at = NULL WHERE customer_id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an occasion is planned."""

    occasion: Key
    planned_until: date | None
    run_from: date | None
    run_until: date | None
    after_customer_id: UUID | None
    changed_at: datetime | None

    @property
    def reach(self) -> date | None:
        """The last day for which anybody may have been planned."""
        return self.run_until or self.planned_until


@dataclass(frozen=True, slots=True)
class Changed:
    """Customers whose plans are to be looked at a second time."""

    customer_ids: list[UUID]
    zones: set[str]
    since: datetime


async def locked(connection: WriteConnection, occasion: Key) -> Progress | None:
    """The progress of an occasion, held until the transaction ends; None while somebody else holds it."""
    row = await connection.fetchrow(_LOCK, occasion)
    return Progress(**row) if row else None


async def shared(connection: WriteConnection) -> list[Progress]:
    """The progress of all occasions, which stands still until the transaction ends."""
    return [Progress(**row) for row in await connection.fetch(_SHARE)]


async def begin(connection: WriteConnection, occasion: Key, first: date, last: date) -> None:
    """Keep that a run through all customers has begun."""
    await connection.execute(_BEGIN, occasion, first, last)


async def advance(connection: WriteConnection, occasion: Key, after: UUID) -> None:
    """Keep that the run has planned for everybody up to a customer."""
    await connection.execute(_ADVANCE, occasion, after)


async def finish(connection: WriteConnection, occasion: Key, planned_until: date | None) -> None:
    """Keep that the run is over."""
    await connection.execute(_FINISH, occasion, planned_until)


async def next_chunk(connection: WriteConnection, after: UUID | None, size: int) -> tuple[UUID, bool] | None:
    """The last customer of the next chunk and whether it is full; None if nobody is left."""
    row = await connection.fetchrow(_NEXT_CHUNK, after, size)
    return (row[0], row[1] == size) if row else None


async def zones(connection: WriteConnection) -> list[str]:
    """The zones in which customers live."""
    return [row[0] for row in await connection.fetch(_ZONES)]


async def changed(connection: WriteConnection, size: int) -> Changed | None:
    """Some customers who have changed, held until the transaction ends."""
    rows = await connection.fetch(_CHANGED, size)
    if not rows:
        return None
    return Changed([row[0] for row in rows], {row[1] for row in rows}, min(row[2] for row in rows))


async def taken_in(connection: WriteConnection, customer_ids: Sequence[UUID]) -> None:
    """Keep that plans follow what changed."""
    await connection.execute(_TAKEN_IN, customer_ids)


@dataclass(frozen=True, slots=True)
class Rule:
    """An occasion with the days and moments of one run, at one moment of business time."""

    occasion: Occasion
    days: Days
    slots: Slots
    now: datetime


@dataclass(frozen=True, slots=True)
class People:
    """Whom a statement is about: a range of customers, or some who have changed."""

    kind: statements.People
    arguments: tuple[Any, Any, Any]


def in_range(after: UUID | None, upto: UUID, since: datetime | None) -> People:
    """Everybody after a customer up to another; `since` is when the occasion changed."""
    return People("range", (after, upto, since or _EVER))


def who_changed(changed: Changed) -> People:
    """Those whose dates have changed, each since when they did."""
    return People("changed", (changed.customer_ids, None, None))


async def add(connection: WriteConnection, rule: Rule, people: People) -> int:
    """Plan for a range of customers; how many items are new."""
    return _number(await connection.execute(statements.add(rule.occasion.key), *_arguments(rule, people)))


async def second_look(connection: WriteConnection, rule: Rule, people: People) -> tuple[int, list[Cancelled]]:
    """Withdraw, cancel, add and move; how many items changed, and which of those that were held are cancelled."""
    key, kind, arguments = rule.occasion.key, people.kind, _arguments(rule, people)
    withdrawn = await connection.execute(statements.withdraw(key, kind), *arguments)
    cancelled = await connection.fetch(statements.cancel(key, kind), *arguments)
    planned = await connection.execute(statements.add_or_move(key, kind), *arguments)
    return _number(withdrawn) + len(cancelled) + _number(planned), [Cancelled(*row) for row in cancelled]


def _number(tag: str) -> int:
    return int(tag.rpartition(" ")[2])


def _arguments(rule: Rule, people: People) -> tuple[Any, ...]:
    occasion, days, slots = rule.occasion, rule.days, rule.slots
    return (
        slots.zones,
        slots.days,
        slots.previous,
        slots.moments,
        days.calendars,
        days.months,
        days.days,
        days.leaps,
        days.keys,
        days.dates,
        occasion.valid,
        occasion.active,
        occasion.customers_only,
        occasion.lead_days,
        rule.now,
        *people.arguments,
    )
