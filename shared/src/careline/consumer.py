"""Consumes events so that each has its effect once, in order per key, whatever dies.

The event's id enters the inbox in the transaction of its effect; the offset is committed afterwards. Whatever comes
again is dropped by the inbox. An event whose handler keeps failing is parked, where a person sees it, and the rest
goes on. Traps of the client and their threads: aiokafka 929, 933, 1046.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    UnknownMemberIdError,
)
from prometheus_client import Counter

from careline.crash import crash_point
from careline.database import Database, WriteConnection
from careline.events import Event
from careline.faults import Strikes
from careline.settings import ServiceSettings

Handler = Callable[[WriteConnection, Event], Awaitable[None]]
ManyHandler = Callable[[WriteConnection, Sequence[Event]], Awaitable[None]]

MAX_RECORDS = 200
POLL_MILLISECONDS = 500
ATTEMPTS_BEFORE_PARKING = 5
RETRY_SECONDS = 0.2
SESSION_TIMEOUT_MILLISECONDS = 10_000
JOIN_SECONDS = 15.0
STOP_SECONDS = 5.0
# How long a broker holds a question that it cannot answer yet. aiokafka asks for a partition that it has emptied only
# after that answer, so an event may wait so long behind another one of its partition; at 100 ms the fifteen consumers
# of an idle system took a third of a processor.
FETCH_WAIT_MILLISECONDS = 300

_ENTER = "INSERT INTO inbox (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING RETURNING event_id"
_PARK = """
INSERT INTO parked_events (event_id, direction, topic, payload, reason, parked_at)
VALUES ($1, 'in', $2, $3, $4, clock_timestamp())
"""

CONSUMED = Counter("careline_events_consumed_total", "Events whose effect is committed.", ["type"])
REPEATED = Counter("careline_events_repeated_total", "Events that came again and were dropped.")
PARKED = Counter("careline_events_parked_total", "Events that could not be handled and wait for a person.")

_log = structlog.get_logger("careline.consumer")


def combined(*parts: Mapping[str, Handler]) -> dict[str, Handler]:
    """One handler for each event type, which calls what all parts want done with it, in their order.

    A service has one handler for an event, because the event enters its inbox once.
    """
    wanted: dict[str, list[Handler]] = {}
    for part in parts:
        for name, handler in part.items():
            wanted.setdefault(name, []).append(handler)
    return {name: _in_turn(handlers) for name, handlers in wanted.items()}


def _in_turn(handlers: Sequence[Handler]) -> Handler:
    async def handle(connection: WriteConnection, event: Event) -> None:
        for handler in handlers:
            await handler(connection, event)

    return handle if len(handlers) > 1 else handlers[0]


class Consumer:
    """Feeds the events of some topics to handlers by type; events of other types are passed over.

    A handler in `many` gets all events of its type that follow one another in a batch: for a flood of one kind.
    """

    def __init__(
        self,
        database: Database,
        settings: ServiceSettings,
        *,
        group: str,
        topics: Sequence[str],
        handlers: Mapping[str, Handler],
        many: Mapping[str, ManyHandler] | None = None,
    ) -> None:
        self._database = database
        self._settings = settings
        self._group = settings.topic_prefix + group
        self.topics = frozenset(topics)
        self._topics = [settings.topic_prefix + topic for topic in topics]
        self._handlers = handlers
        self._many = many or {}
        self._inbox_off = settings.control_inbox_off

    @property
    def event_types(self) -> frozenset[str]:
        """The types of event that have an effect here."""
        return frozenset(self._handlers) | frozenset(self._many)

    async def run(self) -> None:
        """Consume until cancelled. Any exception ends the run; the caller starts it anew."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka_bootstrap,
            group_id=self._group,
            # A restarted process is known again at once instead of after the session time-out.
            group_instance_id=f"{self._group}-{self._settings.instance}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_TIMEOUT_MILLISECONDS,
            heartbeat_interval_ms=2_000,
            max_poll_records=MAX_RECORDS,
            fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS,
            metadata_max_age_ms=10_000,
        )
        in_flight = asyncio.Lock()
        consumer.subscribe(self._topics, listener=_WaitForBatch(in_flight))
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                # The client tries for ever, and says nothing, while the coordinator of the group refuses it.
                await consumer.start()
            while True:
                batch = await consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=MAX_RECORDS)
                # The lock is taken outside getmany: inside, it would deadlock with the rebalance listener.
                async with in_flight:
                    await self._handle(consumer, batch)
        finally:
            await _stop(consumer)

    async def _handle(self, consumer: Any, batch: Mapping[TopicPartition, list[ConsumerRecord]]) -> None:
        """All partitions in one transaction and one commit of offsets: the events of a key are in one of them."""
        records = [record for of_partition in batch.values() for record in of_partition]
        if not records:
            return
        try:
            await self._in_one_transaction(records)
        except Exception as fault:  # noqa: BLE001 -- whatever the handler raised, the batch is tried one by one
            _log.info("batch.one_by_one", events=len(records), reason=type(fault).__name__)
            for record in records:
                await self._until_handled_or_parked(record)
        offsets = {partition: of_partition[-1].offset + 1 for partition, of_partition in batch.items()}
        try:
            await consumer.commit(offsets)
        except (CommitFailedError, IllegalGenerationError, IllegalStateError, UnknownMemberIdError):
            _log.info("offsets.not_committed", partitions=len(offsets))

    async def _in_one_transaction(self, records: list[ConsumerRecord]) -> None:
        events = [_readable(record) for record in records]
        if None in events:
            raise ValueError("unreadable event")
        known = [event for event in events if event is not None and event.type in self.event_types]
        if not known:
            return
        async with self._database.write_raw() as connection:
            for event_type, group in groupby(await self._new(connection, known), key=attrgetter("type")):
                await self._apply(connection, event_type, list(group))
        crash_point("consumer.after_effect")
        for event in known:
            CONSUMED.labels(event.type).inc()

    async def _new(self, connection: WriteConnection, events: list[Event]) -> list[Event]:
        """Enter the events into the inbox, in one statement; those that were not in it, each once."""
        if self._inbox_off:
            return events
        entered = {row[0] for row in await connection.fetch(_ENTER, [event.id for event in events])}
        new = [event for event in {event.id: event for event in events}.values() if event.id in entered]
        REPEATED.inc(len(events) - len(new))
        return new

    async def _apply(self, connection: WriteConnection, event_type: str, events: list[Event]) -> None:
        if event_type in self._many:
            await self._many[event_type](connection, events)
            return
        for event in events:
            await self._handlers[event_type](connection, event)

    async def _until_handled_or_parked(self, record: ConsumerRecord) -> None:
        # A database that is away is no fault of the event: wait for it, however long.
        strikes = Strikes(self._database)
        while True:
            try:
                await self._in_one_transaction([record])
            except Exception as fault:  # noqa: BLE001 -- any fault of a handler leads to parking
                await strikes.add(fault)
                if strikes.count >= ATTEMPTS_BEFORE_PARKING:
                    _log.exception("event.parked", topic=record.topic, offset=record.offset)
                    await self._park(record, fault)
                    return
                await asyncio.sleep(RETRY_SECONDS * (strikes.count + 1))
            else:
                return

    async def _park(self, record: ConsumerRecord, fault: Exception) -> None:
        event = _readable(record)
        payload = (record.value or b"").decode(errors="replace").replace("\x00", "")
        async with self._database.write_raw() as connection:
            if event is not None:
                await connection.execute(_ENTER, [event.id])
            await connection.execute(_PARK, event.id if event else None, record.topic, payload, repr(fault)[:2000])
        PARKED.inc()


class _WaitForBatch(ConsumerRebalanceListener):  # type: ignore[misc]
    """Lets the batch in flight end before its partitions go away."""

    def __init__(self, in_flight: asyncio.Lock) -> None:
        self._in_flight = in_flight

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        async with self._in_flight:
            pass

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        pass


async def _stop(consumer: Any) -> None:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await consumer.stop()
    except TimeoutError:
        _log.warning("consumer.abandoned")


def _readable(record: ConsumerRecord) -> Event | None:
    try:
        return Event.from_json(record.value)
    except (ValueError, KeyError, TypeError):
        return None


__all__ = ["Consumer", "Handler", "KafkaError"]
