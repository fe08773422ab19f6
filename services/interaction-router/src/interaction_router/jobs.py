"""Periodic work. Every process may do it: each piece looks again under its lock."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from time import monotonic
from uuid import UUID

import structlog

from interaction_router.agents import departure
from interaction_router.agents import repository as agents
from interaction_router.agents.sight import Sight
from interaction_router.customers.client import Customers
from interaction_router.customers.late import resolve_late
from interaction_router.desk import repository as desk
from interaction_router.interactions import lifecycle
from interaction_router.interactions import repository as interactions
from interaction_router.offers import repository as offers
from interaction_router.offers import service
from interaction_router.routing import repository as routing
from interaction_router.unit import Unit, Units

BATCH = 100
DECISIONS_KEPT = timedelta(days=90)

_log = structlog.get_logger("router.jobs")


async def reap(units: Units, sight: Sight) -> None:
    """End offers that nobody answered, the presence of those who are gone, and wrap-ups whose time is over."""
    now = units.clock.now()
    may_judge = sight.look(monotonic())
    async with units.database.read_raw() as connection:
        due = await offers.due(connection, now, BATCH)
        lapsed = await agents.lapsed(connection, now, BATCH) if may_judge else []
        left = await agents.deactivated_with_work(connection, BATCH)
        finished = await interactions.wrap_ups_due(connection, now, BATCH)
    await _each(units, due, service.expire)
    await _each(units, lapsed, departure.presence_lost)
    await _each(units, left, departure.deactivated)
    await _each(units, finished, lifecycle.end_wrap_up)
    sight.looked(monotonic())


async def _each(units: Units, ids: list[UUID], work: Callable[[Unit, UUID], Awaitable[object]]) -> None:
    for each in ids:
        async with units.begin() as unit:
            await work(unit, each)


async def prune(units: Units) -> None:
    """Forget what nobody will ask for again."""
    now = units.clock.now()
    async with units.database.write_raw() as connection:
        await desk.prune(connection, now)
        await routing.forget(connection, now - DECISIONS_KEPT)


async def fill_in_histories(units: Units, customers: Customers) -> None:
    """Ask the profile again about those whom it could not tell in time."""
    await resolve_late(units, customers)
