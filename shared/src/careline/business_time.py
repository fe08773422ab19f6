"""Business time: the clock of due dates, quiet hours and deadlines, which a demo may move forward for all services.

Business time is real time plus an offset that only grows. The directory keeps the offset for the whole system and
says `business_time.advanced`; every service keeps a copy in a row of its own and every process reads that row once a
second. Leases, tokens and time-outs stay on the real clock.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from careline.clock import Clock
from careline.consumer import Consumer
from careline.database import Database, Transaction, WriteConnection, after_commit
from careline.events import Event
from careline.settings import ServiceSettings
from careline.statements import execute

TOPIC = "business_time"
ADVANCED = "business_time.advanced"
REFRESH_SECONDS = 1.0

_TABLE = """
CREATE TABLE business_time (
    the_only boolean DEFAULT true CONSTRAINT pk_business_time PRIMARY KEY
        CONSTRAINT ck_business_time_one CHECK (the_only),
    offset_seconds bigint NOT NULL CONSTRAINT ck_business_time_forward CHECK (offset_seconds >= 0)
)
"""
_FIRST = "INSERT INTO business_time (offset_seconds) VALUES (0)"
_READ = "SELECT offset_seconds FROM business_time"
# An event that comes again, or late, never moves the clock back.
_ADVANCE = "UPDATE business_time SET offset_seconds = $1 WHERE offset_seconds < $1"


def create_business_time_table(op: Any) -> None:
    """Create the row that holds this service's copy of the offset, through Alembic's `op`."""
    op.execute(_TABLE)
    op.execute(_FIRST)


class BusinessClock:
    """Tells business time; a `Clock` like the real one, so that logic need not know which it was given."""

    def __init__(self, real: Clock) -> None:
        self._real = real
        self._offset = timedelta()
        # Set once the offset of this service was read: before, due dates and deadlines would be judged too early.
        self.known = asyncio.Event()

    @property
    def offset_seconds(self) -> int:
        """How far business time is ahead of real time."""
        return int(self._offset.total_seconds())

    def now(self) -> datetime:
        """The present moment of the business, aware and in UTC."""
        return self.at(self._real.now())

    def at(self, moment: datetime) -> datetime:
        """What the business calls a real moment of just now, for example the `occurred_at` of an event."""
        return moment + self._offset

    def advance_to(self, offset_seconds: int) -> None:
        """Take over an offset; a smaller one than before is old news and changes nothing."""
        self._offset = max(self._offset, timedelta(seconds=offset_seconds))

    async def refresh(self, database: Database) -> None:
        """Read the offset that this service knows of."""
        async with database.read_raw() as connection:
            self.advance_to(await connection.fetchval(_READ))
        self.known.set()

    async def follow(self, database: Database) -> None:
        """Read the offset once a second until cancelled: another process of this service may have heard of it."""
        while True:
            await self.refresh(database)
            await asyncio.sleep(REFRESH_SECONDS)


async def advance(transaction: Transaction, clock: BusinessClock, offset_seconds: int) -> None:
    """Keep a larger offset and show it on `clock` once that is committed."""
    await execute(transaction, _ADVANCE, offset_seconds)
    after_commit(transaction, lambda: clock.advance_to(offset_seconds))


def consumer(database: Database, settings: ServiceSettings, *, service: str, clock: BusinessClock) -> Consumer:
    """The consumer through which a service hears that business time has moved."""

    async def advanced(connection: WriteConnection, event: Event) -> None:
        await advance(connection, clock, event.data["offset_seconds"])

    return Consumer(database, settings, group=f"{service}-business-time", topics=[TOPIC], handlers={ADVANCED: advanced})
