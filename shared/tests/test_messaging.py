"""Outbox, relay and consumer against a real PostgreSQL and a real Kafka."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from careline.clock import SystemClock
from careline.consumer import ATTEMPTS_BEFORE_PARKING, Consumer
from careline.database import Database, WriteConnection
from careline.events import Event, UndescribedEventError
from careline.faults import TRIES_PER_STRIKE
from careline.leases import Lease, LeaseLostError
from careline.migrations import create_topics
from careline.outbox import Outbox
from careline.relay import Relay
from careline.settings import ServiceSettings
from careline.statements import execute

from .things import CATALOGUE, ThingMade


@pytest.fixture
async def topics(settings: ServiceSettings) -> ServiceSettings:
    """Settings with a fresh topic, so that no test reads what another wrote."""
    fresh = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}{uuid4().hex[:6]}."})
    await create_topics(fresh, CATALOGUE)
    return fresh


async def _append(outbox: Outbox, database: Database, key: str, numbers: range) -> None:
    for number in numbers:
        async with database.write_raw() as connection:
            await outbox.append(
                connection,
                ThingMade(number=number),
                aggregate_id=key,
                sequence=number,
                occurred_at=SystemClock().now(),
            )


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


class _Running:
    """Runs loops beside a test."""

    def __init__(self, *loops: Callable[[], Awaitable[None]]) -> None:
        self._loops = loops
        self._tasks: list[asyncio.Future[None]] = []

    async def __aenter__(self) -> None:
        self._tasks = [asyncio.ensure_future(loop()) for loop in self._loops]

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class _Effects:
    """A handler whose effect is a row, and that can be told to fail."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.failing: set[int] = set()
        self.idling: set[int] = set()
        self.tries: Counter[int] = Counter()

    async def __call__(self, connection: WriteConnection, event: Event) -> None:
        number = event.data["number"]
        self.tries[number] += 1
        await execute(connection, "INSERT INTO things (name, number) VALUES ($1, $2)", event.aggregate_id, number)
        if number in self.failing:
            raise RuntimeError("this one cannot be handled")
        if number in self.idling:
            # The server ends a session that idles inside its transaction.
            await execute(connection, "SET LOCAL idle_in_transaction_session_timeout = '10ms'")
            await asyncio.sleep(0.03)
            await execute(connection, "SELECT 1")

    async def rows(self) -> list[tuple[str, int]]:
        async with self._database.read_raw() as connection:
            return [tuple(row) for row in await connection.fetch("SELECT name, number FROM things")]

    def count_is(self, expected: int) -> Callable[[], Awaitable[bool]]:
        async def check() -> bool:
            return len(await self.rows()) >= expected

        return check


def _consumer(database: Database, settings: ServiceSettings, effects: _Effects) -> Consumer:
    return Consumer(database, settings, group=uuid4().hex[:6], topics=["thing"], handlers={"thing.made": effects})


class TestOutbox:
    async def test_undescribed_event_is_refused(self, database: Database) -> None:
        payload = ThingMade.model_construct(number=-1)
        with pytest.raises(UndescribedEventError, match="number"):
            async with database.write_raw() as connection:
                await Outbox(CATALOGUE).append(
                    connection, payload, aggregate_id="a", sequence=1, occurred_at=SystemClock().now()
                )

    async def test_rolled_back_with_its_write(self, database: Database) -> None:
        outbox = Outbox(CATALOGUE)
        with suppress(ZeroDivisionError):
            async with database.write_raw() as connection:
                await outbox.append(
                    connection, ThingMade(number=1), aggregate_id="a", sequence=1, occurred_at=SystemClock().now()
                )
                raise ZeroDivisionError
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM outbox") == 0


class TestRelayAndConsumer:
    async def test_a_group_that_cannot_be_joined_is_told_and_tried_anew(
        self, database: Database, topics: ServiceSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As with a broker whose coordinator has failed: the client would try for ever and say nothing."""
        monkeypatch.setattr("careline.consumer.JOIN_SECONDS", 0.5)

        async def refused(*_: object) -> None:
            await asyncio.sleep(0.1)

        monkeypatch.setattr("aiokafka.consumer.group_coordinator.GroupCoordinator._do_rejoin_group", refused)
        async with asyncio.timeout(20):
            with pytest.raises(TimeoutError):
                await _consumer(database, topics, _Effects(database)).run()

    async def test_in_order_per_key_and_once(self, database: Database, topics: ServiceSettings) -> None:
        outbox, effects = Outbox(CATALOGUE), _Effects(database)
        relay = Relay(database, topics, outbox)
        async with _Running(relay.run, _consumer(database, topics, effects).run):
            await asyncio.gather(*(_append(outbox, database, key, range(30)) for key in "abcd"))
            await _until(effects.count_is(120))
        rows = await effects.rows()
        for key in "abcd":
            assert [number for name, number in rows if name == key] == list(range(30))
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
            assert await connection.fetchval("SELECT count(*) FROM outbox_archive") == 120

    async def test_sent_twice_has_one_effect(self, database: Database, topics: ServiceSettings) -> None:
        outbox, effects = Outbox(CATALOGUE), _Effects(database)
        await _append(outbox, database, "a", range(10))
        async with database.read_raw() as connection:
            payloads = [row[0] for row in await connection.fetch("SELECT payload::text FROM outbox ORDER BY position")]
        producer = AIOKafkaProducer(bootstrap_servers=topics.kafka_bootstrap)
        await producer.start()
        for payload in payloads * 2:
            await producer.send_and_wait(topics.topic_prefix + "thing", payload.encode(), key=b"a")
        await producer.stop()
        async with _Running(_consumer(database, topics, effects).run):
            await _until(effects.count_is(10))
            await asyncio.sleep(1)
        assert Counter(number for _, number in await effects.rows()) == Counter(range(10))

    async def test_poison_is_parked_and_the_rest_goes_on(
        self, database: Database, topics: ServiceSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("careline.consumer.RETRY_SECONDS", 0.01)
        outbox, effects = Outbox(CATALOGUE), _Effects(database)
        effects.failing = {3}
        producer = AIOKafkaProducer(bootstrap_servers=topics.kafka_bootstrap)
        await producer.start()
        await producer.send_and_wait(topics.topic_prefix + "thing", b"no json", key=b"z")
        await producer.stop()
        async with _Running(Relay(database, topics, outbox).run, _consumer(database, topics, effects).run):
            await _append(outbox, database, "a", range(6))
            await _until(effects.count_is(5))
            await _until(lambda: _parked(database, 2))
        assert [number for _, number in await effects.rows()] == [0, 1, 2, 4, 5]


def _record(settings: ServiceSettings, number: int) -> Any:
    event = CATALOGUE.render(
        ThingMade(number=number),
        event_id=uuid4(),
        aggregate_id="a",
        sequence=number,
        occurred_at=SystemClock().now(),
        traceparent=None,
    )
    return SimpleNamespace(topic=settings.topic_prefix + "thing", offset=number, value=event.encode())


class TestFaultThatMayPass:
    async def test_is_parked_when_it_strikes_one_event_only(
        self, database: Database, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("careline.consumer.RETRY_SECONDS", 0)
        effects = _Effects(database)
        effects.idling = {1}
        consumer = _consumer(database, settings, effects)
        async with asyncio.timeout(60):
            for number in range(3):
                await consumer._until_handled_or_parked(_record(settings, number))
        assert await _parked(database, 1)
        assert [number for _, number in await effects.rows()] == [0, 2]
        # What may pass gets more time than what cannot.
        assert effects.tries[1] == ATTEMPTS_BEFORE_PARKING * TRIES_PER_STRIKE

    async def test_parks_nothing_while_the_database_is_away(
        self, database: Database, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("careline.consumer.RETRY_SECONDS", 0)
        effects = _Effects(database)
        effects.idling = {1}

        async def is_away() -> bool:
            if effects.tries[1] > 2 * ATTEMPTS_BEFORE_PARKING * TRIES_PER_STRIKE:
                effects.idling.clear()
            return False

        monkeypatch.setattr(database, "answers", is_away)
        async with asyncio.timeout(60):
            await _consumer(database, settings, effects)._until_handled_or_parked(_record(settings, 1))
        assert await _parked(database, 0)
        assert [number for _, number in await effects.rows()] == [1]

    async def test_a_database_that_is_gone_answers_nothing(self, settings: ServiceSettings) -> None:
        gone = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/nothing"})
        assert not await Database(gone, application_name="library-tests").answers()


async def _parked(database: Database, expected: int) -> bool:
    async with database.read_raw() as connection:
        return bool(await connection.fetchval("SELECT count(*) FROM parked_events") == expected)


class TestLease:
    async def test_one_holder_and_a_sleeper_is_found_out(self, database: Database) -> None:
        first = Lease(database, "test", ttl_seconds=0.3)
        second = Lease(database, "test", ttl_seconds=5)
        assert await first.acquire()
        assert not await second.acquire()
        await asyncio.sleep(0.4)
        assert await second.acquire()
        with pytest.raises(LeaseLostError):
            async with database.write_raw() as connection:
                await first.check(connection)
        async with database.write_raw() as connection:
            await second.check(connection)

    async def test_release_hands_over_at_once(self, database: Database) -> None:
        first, second = Lease(database, "test"), Lease(database, "test")
        assert await first.acquire()
        await first.release()
        assert await second.acquire()


class TestFrozenRelay:
    async def test_does_not_mark_what_another_relays(self, database: Database, topics: ServiceSettings) -> None:
        outbox = Outbox(CATALOGUE)
        sleeper, awake = Relay(database, topics, outbox), Relay(database, topics, outbox)
        sleeper._lease._ttl_seconds = 0.2
        assert await sleeper._hold_lease()
        await asyncio.sleep(0.3)
        assert await awake._hold_lease()
        await _append(outbox, database, "a", range(3))
        with pytest.raises(LeaseLostError):
            await sleeper.relay_once()
        assert await awake.relay_once() == 3
        await sleeper._drop_producer()
        await awake._drop_producer()
