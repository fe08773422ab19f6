"""Business time: moved for all, never back, and known to every process."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from careline.business_time import ADVANCED, TOPIC, BusinessClock, advance, consumer
from careline.clock import FixedClock
from careline.database import Database
from careline.events import EventCatalogue, EventPayload
from careline.migrations import create_topics
from careline.outbox import Outbox
from careline.relay import Relay
from careline.settings import ServiceSettings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Advanced(EventPayload):
    """What the directory says."""

    type = ADVANCED
    aggregate_type = TOPIC

    offset_seconds: int


CATALOGUE = EventCatalogue("directory", [Advanced])


async def test_it_is_real_time_and_what_it_was_moved_by(database: Database) -> None:
    clock = BusinessClock(FixedClock(NOON))
    assert clock.now() == NOON
    async with database.write_raw() as connection:
        await advance(connection, clock, 3600)
        assert clock.now() == NOON, "a rolled back move would have been seen"
    assert clock.now() == NOON + timedelta(hours=1)
    assert clock.at(NOON - timedelta(minutes=1)) == NOON + timedelta(minutes=59)


async def test_it_never_goes_back(database: Database) -> None:
    clock = BusinessClock(FixedClock(NOON))
    for offset in (7200, 3600):
        async with database.write_raw() as connection:
            await advance(connection, clock, offset)
    assert clock.offset_seconds == 7200
    other = BusinessClock(FixedClock(NOON))
    await other.refresh(database)
    assert other.offset_seconds == 7200


async def test_the_database_has_one_offset_that_is_not_negative(database: Database) -> None:
    async with database.read_raw() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute("UPDATE business_time SET offset_seconds = -1")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO business_time (offset_seconds) VALUES (1)")


async def test_a_service_hears_of_it_and_so_do_its_other_processes(
    database: Database, settings: ServiceSettings
) -> None:
    # Topics of its own: what is said on the worker's would move the time of every later test.
    settings = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}moved."})
    await create_topics(settings, CATALOGUE)
    outbox = Outbox(CATALOGUE)
    hears, other = BusinessClock(FixedClock(NOON)), BusinessClock(FixedClock(NOON))
    running = [
        asyncio.create_task(Relay(database, settings, outbox).run()),
        asyncio.create_task(consumer(database, settings, service="test", clock=hears).run()),
        asyncio.create_task(other.follow(database)),
    ]
    async with database.write_raw() as connection:
        await outbox.append(
            connection, Advanced(offset_seconds=86_400), aggregate_id=TOPIC, sequence=1, occurred_at=NOON
        )
    async with asyncio.timeout(20):
        while min(hears.offset_seconds, other.offset_seconds) < 86_400:
            await asyncio.sleep(0.05)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
