"""Periodic work. Every process may do it: each piece looks again under its lock."""

from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic

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
from interaction_router.one_by_one import OneByOne
from interaction_router.routing import repository as routing
from interaction_router.unit import Units

DECISIONS_KEPT = timedelta(days=90)


@dataclass
class Reaper:
    """Ends what nobody ended: unanswered offers, the presence of those who are gone, wrap-ups whose time is over."""

    units: Units
    sight: Sight
    _offers: OneByOne = field(default_factory=lambda: OneByOne("offers", service.expire))
    _lapsed: OneByOne = field(default_factory=lambda: OneByOne("presence", departure.presence_lost))
    _left: OneByOne = field(default_factory=lambda: OneByOne("deactivated", departure.deactivated))
    _finished: OneByOne = field(default_factory=lambda: OneByOne("wrap_ups", lifecycle.end_wrap_up))

    async def reap(self) -> None:
        """One round."""
        now = self.units.clock.now()
        may_judge = self.sight.look(monotonic())
        async with self.units.database.read_raw() as connection:
            due = await offers.due(connection, now, self._offers.limit)
            lapsed = await agents.lapsed(connection, now, self._lapsed.limit) if may_judge else []
            left = await agents.deactivated_with_work(connection, self._left.limit)
            finished = await interactions.wrap_ups_due(connection, now, self._finished.limit)
        await self._offers.run(self.units, due)
        await self._lapsed.run(self.units, lapsed)
        await self._left.run(self.units, left)
        await self._finished.run(self.units, finished)
        self.sight.looked(monotonic())


async def prune(units: Units) -> None:
    """Forget what nobody will ask for again."""
    now = units.clock.now()
    async with units.database.write_raw() as connection:
        await desk.prune(connection, now)
        await routing.forget(connection, now - DECISIONS_KEPT)


async def fill_in_histories(units: Units, customers: Customers) -> None:
    """Ask the profile again about those whom it could not tell in time."""
    await resolve_late(units, customers)
