"""The planner: keeps everything planned for seven days ahead, whatever was down and however far time has jumped.

Progress moves in the transaction of the items that it stands for. What a crash leaves is done again, and the table's
constraint makes again the same as once.
"""

import asyncio
from datetime import timedelta

import structlog
from prometheus_client import Counter

from care_scheduler.calendars import tables
from care_scheduler.items.cancelled import tell
from care_scheduler.occasions import repository as occasions
from care_scheduler.occasions.model import DATED, Key, Occasion
from care_scheduler.plans import repository
from care_scheduler.plans.days import ONE_DAY, days, earliest_day, horizon, slots
from care_scheduler.plans.repository import CHANGED_CHUNK, CHUNK, Changed, People, Progress, Rule
from careline.clock import Clock
from careline.crash import crash_point
from careline.database import Database, WriteConnection
from careline.outbox import Outbox
from careline.wakeups import Wakeup

# Business time may jump at any moment; looking costs six short reads.
LOOK_EVERY_SECONDS = 1.0
# A jump of a year is planned month by month: days times zones must fit into a statement.
LONGEST_RUN = timedelta(days=30)

PLANNED = Counter("careline_care_planned_total", "Care items that planning added, moved or withdrew.", ["occasion"])

_log = structlog.get_logger("care.planner")


class Planner:
    """Plans in the background; `changed` wakes it, and it wakes whoever judges by `planned`."""

    def __init__(
        self, database: Database, outbox: Outbox, *, real: Clock, business: Clock, changed: Wakeup, planned: Wakeup
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._real = real
        self._clock = business
        self._changed = changed
        self._planned = planned

    async def run(self) -> None:
        """Plan until cancelled."""
        # Reading the tables takes long enough to be felt by whoever else shares the loop.
        await asyncio.to_thread(tables.lunar_date, self._clock.now().date())
        while True:
            if not await self.step():
                await self._changed.wait(LOOK_EVERY_SECONDS)

    async def step(self) -> bool:
        """Do some planning; whether there was any to do."""
        worked = await self.replan_changed()
        for key in DATED:
            worked |= await self.plan_ahead(key)
        if worked:
            self._planned.set()
        return worked

    async def plan_ahead(self, key: Key) -> bool:
        """Plan one chunk of customers for an occasion; whether there was anything to do."""
        async with self._database.write_raw() as connection:
            progress = await repository.locked(connection, key)
            if progress is None:
                return False
            occasion = await occasions.occasion(connection, key)
            progress = await self._with_run(connection, occasion, progress)
            if progress.run_from is None:
                return False
            await self._plan_chunk(connection, occasion, progress)
        crash_point("planner.after_chunk")
        return True

    async def replan_changed(self) -> bool:
        """Plan anew for some customers whose dates have changed; whether there were any."""
        async with self._database.write_raw() as connection:
            changed = await repository.changed(connection, CHANGED_CHUNK)
            if changed is None:
                return False
            for progress in await repository.shared(connection):
                await self._replan(connection, progress, changed)
            await repository.taken_in(connection, changed.customer_ids)
        return True

    async def _with_run(self, connection: WriteConnection, occasion: Occasion, progress: Progress) -> Progress:
        """The progress with a run under way, if there is anything left to plan."""
        now = self._clock.now()
        last = horizon(now)
        if progress.run_from is not None or not occasion.active or (progress.planned_until or last - ONE_DAY) >= last:
            return progress
        if progress.planned_until is None:
            first = earliest_day(now, occasion.valid)
        else:
            first = progress.planned_until + ONE_DAY
        last = min(last, first + LONGEST_RUN)
        await repository.begin(connection, occasion.key, first, last)
        return Progress(occasion.key, progress.planned_until, first, last, None, None)

    async def _plan_chunk(self, connection: WriteConnection, occasion: Occasion, progress: Progress) -> None:
        assert progress.run_from is not None and progress.run_until is not None  # noqa: S101, PT018 -- by constraint
        after = progress.after_customer_id
        chunk = await repository.next_chunk(connection, after, CHUNK)
        if chunk is not None:
            upto, full = chunk
            first, last = progress.run_from, progress.run_until
            zones = await repository.zones(connection)
            rule = Rule(occasion, days(occasion, first, last), slots(zones, occasion, first, last), self._clock.now())
            people = repository.in_range(after, upto, progress.changed_at)
            if progress.changed_at is None:
                PLANNED.labels(occasion.key).inc(await repository.add(connection, rule, people))
            else:
                await self._second_look(connection, rule, people)
            if full:
                await repository.advance(connection, occasion.key, upto)
                return
        await repository.finish(connection, occasion.key, progress.run_until if occasion.active else None)
        _log.info("planned", occasion=occasion.key, until=str(progress.run_until))

    async def _replan(self, connection: WriteConnection, progress: Progress, changed: Changed) -> None:
        occasion = await occasions.occasion(connection, progress.occasion)
        if progress.reach is None or not occasion.active:
            return
        first, last = earliest_day(changed.since, occasion.valid), progress.reach
        zone_moments = slots(changed.zones, occasion, first, last)
        rule = Rule(occasion, days(occasion, first, last), zone_moments, self._clock.now())
        await self._second_look(connection, rule, repository.who_changed(changed))

    async def _second_look(self, connection: WriteConnection, rule: Rule, people: People) -> None:
        number, cancelled = await repository.second_look(connection, rule, people)
        PLANNED.labels(rule.occasion.key).inc(number)
        await tell(connection, self._outbox, cancelled, self._real.now())
