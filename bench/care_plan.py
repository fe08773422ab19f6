"""care.plan_per_s: how many customers the planner plans for one occasion in a second.

200,000 mirrored customers in five zones, 中秋 seven days ahead, by the planner of the service on the durable database
of the stand. Then a birthday, for which one customer in 365 is due in a day, as a second figure in the note.
"""

import os
import time
from datetime import UTC, datetime

import asyncpg

from bench.house import house
from bench.rows import Figure
from care_scheduler.events import CATALOGUE
from care_scheduler.occasions.model import Key
from care_scheduler.plans.planner import Planner
from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.database import Database
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from tests.faults.stand import Stand

IDS = ("care.plan_per_s",)
CUSTOMERS = 200_000
# Mid-Autumn of 2027 is five days away.
NOW = datetime(2027, 9, 10, 4, 0, tzinfo=UTC)
LOCAL = "http://127.0.0.1:1"

_FILL = """
INSERT INTO care_customers
    (customer_id, version, is_customer, birthday_calendar, birthday_month, birthday_day, birthday_leap, since_on,
     time_zone, time_zone_known, known_since)
SELECT uuidv7(), 1, true, 'solar', n % 12 + 1, n % 28 + 1, false, date '2020-01-01' + n % 2000,
    (ARRAY['Asia/Shanghai', 'Asia/Hong_Kong', 'Europe/Paris', 'America/New_York', 'Asia/Kathmandu'])[n % 5 + 1],
    true, timestamptz '2027-01-01'
FROM generate_series(1, $1::integer) n
"""


async def measure() -> list[Figure]:
    """One run over all customers."""
    async with house(["directory", "care-scheduler"]) as stand:
        connection = await asyncpg.connect(stand.database("care"), ssl=False)
        try:
            await connection.execute(_FILL, CUSTOMERS)
            await connection.execute("VACUUM ANALYZE care_customers")
            festival = await _plan(stand, "mid_autumn")
            planned = await connection.fetchval("SELECT count(*) FROM care_items WHERE occasion = 'mid_autumn'")
            birthdays = await _plan(stand, "birthday")
        finally:
            await connection.close()
    if planned != CUSTOMERS:
        raise RuntimeError(f"{planned} of {CUSTOMERS} customers were planned")
    note = f"{planned} items in {festival:.1f} s; birthdays of nine days: {CUSTOMERS / birthdays:.0f} customers/s"
    return [Figure(IDS[0], CUSTOMERS / festival, note=note)]


async def _plan(stand: Stand, occasion: Key) -> float:
    """Plan an occasion for everybody; the seconds that it took."""
    database = Database(_settings(stand), application_name="bench")
    clock = FixedClock(NOW)
    planner = Planner(database, Outbox(CATALOGUE), real=clock, business=clock, changed=Wakeup(), planned=Wakeup())
    try:
        async with database.read_raw() as warm:
            await warm.fetchval("SELECT 1")
        begun = time.monotonic()
        planning = True
        while planning:
            planning = await planner.plan_ahead(occasion)
        return time.monotonic() - begun
    finally:
        await database.close()


def _settings(stand: Stand) -> Settings:
    return Settings(
        port=1,
        database_url=stand.database("care"),
        kafka_bootstrap="127.0.0.1:1",
        token_issuer=LOCAL,
        token_jwks_url=LOCAL,
        profile_url=LOCAL,
        feedback_url=LOCAL,
        unsubscribe_key=os.urandom(32).hex(),
    )
