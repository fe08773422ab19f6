"""The archive of what was relayed: a partition a day, nothing beside them for long, and nothing for ever."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import httpx
import pytest

from careline import housekeeping
from careline.clock import FixedClock
from careline.database import Database, WriteConnection
from careline.housekeeping import ARCHIVE_DAYS, keep_house, make_partitions
from careline.ids import new_id
from careline.relay import Relay

# A day on which no other test keeps house: partitions outlive a test.
NOON = datetime(2031, 5, 5, 12, tzinfo=UTC)
PARTITION, NEXT_PARTITION = "outbox_archive_20310505", "outbox_archive_20310506"
_ARCHIVE = """
INSERT INTO outbox_archive (position, id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, relayed_at)
VALUES ($1, $2, 'thing', 'a', 'thing.made', $1, '{}', $3, $3)
"""
# Today's, tomorrow's and, in the moment of midnight, the day's after.
_OF_NOW = """
SELECT relname FROM pg_class WHERE relname IN (
    SELECT 'outbox_archive_' || to_char(day, 'YYYYMMDD') FROM generate_series(
        (now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + 2, interval '1 day') day)
"""
_WHERE = "SELECT position, tableoid::regclass::text FROM outbox_archive ORDER BY position"


async def _archived(database: Database) -> list[tuple[int, str]]:
    async with database.read_raw() as connection:
        return [tuple(row) for row in await connection.fetch(_WHERE)]


async def _relayed(database: Database, position: int, at: datetime) -> None:
    async with database.write_raw() as connection:
        await connection.execute(_ARCHIVE, position, new_id(), at)


@pytest.fixture(autouse=True)
async def _no_partitions(database: Database) -> None:
    async with database.write_raw() as connection:
        await connection.execute(f"DROP TABLE IF EXISTS {PARTITION}, {NEXT_PARTITION}")


async def test_what_strayed_comes_into_its_days_partition(database: Database) -> None:
    await _relayed(database, 1, NOON)
    await _relayed(database, 2, NOON - timedelta(days=1))
    clock = FixedClock(NOON)
    for _ in range(2):
        await make_partitions(database, clock)
    await _relayed(database, 3, NOON + timedelta(hours=1))
    await _relayed(database, 4, NOON + timedelta(days=1))
    assert await _archived(database) == [
        (1, PARTITION),
        (2, "outbox_archive_rest"),
        (3, PARTITION),
        (4, NEXT_PARTITION),
    ]


async def test_nothing_is_kept_for_ever(database: Database) -> None:
    clock = FixedClock(NOON)
    await make_partitions(database, clock)
    await _relayed(database, 1, NOON - timedelta(hours=20))
    await _relayed(database, 2, NOON)
    clock.advance(ARCHIVE_DAYS * 24 * 3600)
    await keep_house(database, clock)
    assert await _archived(database) == [(2, PARTITION)]
    clock.advance(24 * 3600)
    await keep_house(database, clock)
    assert await _archived(database) == []


@pytest.fixture
def there_at_relay(monkeypatch: pytest.MonkeyPatch, database: Database) -> list[list[str]]:
    """Which of the partitions of today and tomorrow were there whenever a relay began; none of them is at first."""
    seen: list[list[str]] = []
    make, relay = housekeeping._make_partition, Relay.run

    async def slowly(connection: WriteConnection, day: date) -> None:
        await asyncio.sleep(0.1)
        await make(connection, day)

    async def relays(self: Relay) -> None:
        async with database.read_raw() as connection:
            seen.append([row[0] for row in await connection.fetch(_OF_NOW)])
        await relay(self)

    monkeypatch.setattr(housekeeping, "_make_partition", slowly)
    monkeypatch.setattr(Relay, "run", relays)
    return seen


@pytest.fixture
async def _none_of_now(database: Database) -> None:
    async with database.write_raw() as connection:
        for (name,) in await connection.fetch(_OF_NOW):
            await connection.execute(f"DROP TABLE {name}")


async def test_a_service_makes_them_before_it_relays(
    there_at_relay: list[list[str]],
    _none_of_now: None,
    client: httpx.AsyncClient,
) -> None:
    async with asyncio.timeout(60):
        while not there_at_relay:
            await asyncio.sleep(0.02)
    # Over midnight there may be one more.
    assert len(there_at_relay[0]) >= 2, there_at_relay
