"""Keeps the mirror: everybody once, then whoever the profile says has changed.

The profile is asked outside of every transaction. While it is away nothing is lost: marks and cursor stay where they
are, and planning goes on with what is known.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import httpx
import structlog

from care_scheduler.customers import repository
from care_scheduler.customers.facts import PAGE, ProfileClient, facts_after, facts_of
from careline.clock import Clock
from careline.consumer import ManyHandler
from careline.crash import crash_point
from careline.database import Database, WriteConnection, after_commit
from careline.events import Event
from careline.ids import decode
from careline.wakeups import Wakeup

LOOK_EVERY_SECONDS = 2.0
AWAY_PAUSE_SECONDS = 2.0

# What may change a date, a zone or a cadence. Consents and addresses are asked for when care is given.
WATCHED = (
    "customer.registered",
    "customer.updated",
    "customer.preferences_changed",
    "customer.purchase_recorded",
    "customer.product_registered",
)

_log = structlog.get_logger("care.mirror")


class Mirror:
    """Asks the profile in the background; `marked` wakes it, and it wakes the planner by `changed`."""

    def __init__(
        self,
        database: Database,
        profile: ProfileClient,
        clock: Clock,
        default_zone: str,
        *,
        marked: Wakeup,
        changed: Wakeup,
    ) -> None:
        self._database = database
        self._profile = profile
        self._clock = clock
        self._default_zone = default_zone
        self._marked = marked
        self._changed = changed

    async def run(self) -> None:
        """Mirror until cancelled; a profile that is away is asked again after a pause."""
        while True:
            try:
                worked = await self.step()
            except httpx.HTTPError as fault:
                _log.warning("profile.away", reason=type(fault).__name__)
                await asyncio.sleep(AWAY_PAUSE_SECONDS)
                continue
            if not worked:
                await self._marked.wait(LOOK_EVERY_SECONDS)

    async def step(self) -> bool:
        """Mirror some customers; whether there was anything to do. httpx.HTTPError while the profile is away."""
        refreshed = await self.refresh()
        worked = await self.backfill() or refreshed
        if worked:
            self._changed.set()
        return worked

    async def refresh(self) -> bool:
        """Ask about customers who are marked."""
        async with self._database.read_raw() as reader:
            seen = await repository.marked(reader, PAGE)
        if not seen:
            return False
        facts, gone = await facts_of(self._profile, list(seen))
        async with self._database.write_raw() as connection:
            await repository.keep(connection, facts, self._default_zone, self._clock.now())
            if gone:
                await repository.forget(connection, gone)
            await repository.clear(connection, seen)
        return True

    async def backfill(self) -> bool:
        """Mirror the next page of all customers, the first time."""
        async with self._database.read_raw() as reader:
            before, finished = await repository.backfill(reader)
        if finished:
            return False
        page = await facts_after(self._profile, before)
        now = self._clock.now()
        async with self._database.write_raw() as connection:
            if await repository.move_backfill(connection, before, page.next, _end(page.next is None, now)):
                await repository.keep(connection, page.items, self._default_zone, now)
        crash_point("mirror.after_page")
        return True

    def floods(self) -> dict[str, ManyHandler]:
        """What marks customers, by event type: an import says thousands of such things at once."""
        return dict.fromkeys(WATCHED, self.heard)

    async def heard(self, connection: WriteConnection, events: Sequence[Event]) -> None:
        """The profile says that something about customers has changed."""
        await repository.mark(connection, [decode("cus", event.data["customer_id"]) for event in events])
        after_commit(connection, self._marked.set)


def _end(is_over: bool, now: datetime) -> datetime | None:
    return now if is_over else None
