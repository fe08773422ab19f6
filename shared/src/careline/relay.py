"""Carries committed events from the outbox to Kafka, in order per key, each at least once.

Rows are claimed by state, never by "id greater than the last": a sequence number is taken before its transaction
commits, so a cursor would pass over late ones. One relay at a time holds the lease; a relay that was frozen and wakes
up finds its token outdated, and what it sends twice the consumers' inboxes drop.
"""

import asyncio
from time import monotonic
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordTooLargeError
from prometheus_client import Counter, Gauge

from careline.crash import crash_point
from careline.database import Database
from careline.leases import Lease, LeaseLostError
from careline.outbox import Outbox
from careline.settings import ServiceSettings

BATCH_ROWS = 500
IDLE_POLL_SECONDS = 0.1
# What is committed within so long of the last batch leaves with the next: what comes alone leaves at once, and under
# load one request to Kafka, one mark and one transaction of each consumer stand for several events.
PAUSE_SECONDS = 0.03
SEND_TIMEOUT_SECONDS = 10.0
LEASE_TTL_SECONDS = 4.0
LEASE_RENEW_SECONDS = 1.0

_CLAIM = """
SELECT position, aggregatetype, aggregateid, payload::text FROM outbox ORDER BY position LIMIT $1
"""

# The rows leave the small table that is polled and stay in the archive for as long as its partitions are kept.
_MARK = """
WITH sent AS (DELETE FROM outbox WHERE position = ANY($1::bigint[]) RETURNING *)
INSERT INTO outbox_archive (position, id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, relayed_at)
SELECT position, id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, clock_timestamp() FROM sent
"""

_PARK = """
WITH poison AS (DELETE FROM outbox WHERE position = $1 RETURNING *)
INSERT INTO parked_events (event_id, direction, topic, payload, reason, parked_at)
SELECT id, 'out', $2, payload::text, $3, clock_timestamp() FROM poison
"""

RELAYED = Counter("careline_outbox_relayed_total", "Events that Kafka has acknowledged.")
PARKED = Counter("careline_outbox_parked_total", "Events that could not be sent and wait for a person.")
BACKLOG = Gauge("careline_outbox_claimed_rows", "Rows of the newest claim; at the batch size the relay lags.")

_log = structlog.get_logger("careline.relay")


class Relay:
    """One per process; only the one that holds the lease sends."""

    def __init__(self, database: Database, settings: ServiceSettings, outbox: Outbox) -> None:
        self._database = database
        self._settings = settings
        self._outbox = outbox
        self._lease = Lease(database, "relay", ttl_seconds=LEASE_TTL_SECONDS)
        self._renewed_at = 0.0
        self._producer: AIOKafkaProducer | None = None

    async def run(self) -> None:
        """Relay until cancelled. Any exception ends the run; the caller starts it anew."""
        try:
            while True:
                if not await self._hold_lease():
                    await asyncio.sleep(LEASE_RENEW_SECONDS)
                else:
                    await self._relay_on()
        finally:
            await self._drop_producer()

    async def _relay_on(self) -> None:
        relayed = await self.relay_once()
        if not relayed:
            await self._outbox.appended.wait(IDLE_POLL_SECONDS)
        elif relayed < BATCH_ROWS:
            await asyncio.sleep(PAUSE_SECONDS)

    async def relay_once(self) -> int:
        """Send one batch and mark it; the number of rows claimed."""
        async with self._database.read_raw() as connection:
            rows = await connection.fetch(_CLAIM, BATCH_ROWS)
        BACKLOG.set(len(rows))
        if not rows:
            return 0
        try:
            sent = await self._send(rows)
        except BaseException:
            # A stuck idempotent producer stays stuck (aiokafka issue 1017): the rows are safe, so begin anew.
            await self._drop_producer()
            raise
        crash_point("relay.after_send")
        async with self._database.write_raw() as connection:
            await self._lease.check(connection)
            await connection.execute(_MARK, sent)
        RELAYED.inc(len(sent))
        return len(rows)

    async def stop(self) -> None:
        """Let another process relay at once."""
        if self._lease.token is not None:
            await self._lease.release()

    async def _hold_lease(self) -> bool:
        if self._lease.token is not None and monotonic() - self._renewed_at < LEASE_RENEW_SECONDS:
            return True
        begun = monotonic()
        held = await self._lease.acquire()
        self._renewed_at = begun
        return held

    async def _send(self, rows: list[Any]) -> list[int]:
        """Send in order; the positions that Kafka acknowledged. A poison row is parked and left out."""
        producer = await self._connected_producer()
        async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
            futures = []
            for position, aggregate_type, aggregate_id, payload in rows:
                topic = self._settings.topic_prefix + aggregate_type
                try:
                    future = await producer.send(topic, payload.encode(), key=aggregate_id.encode())
                except (MessageSizeTooLargeError, RecordTooLargeError) as fault:
                    await self._park(position, topic, fault)
                else:
                    futures.append((position, future))
            await asyncio.gather(*(future for _, future in futures))
        return [position for position, _ in futures]

    async def _park(self, position: int, topic: str, fault: Exception) -> None:
        async with self._database.write_raw() as connection:
            await self._lease.check(connection)
            await connection.execute(_PARK, position, topic, repr(fault))
        PARKED.inc()
        _log.error("event.parked", topic=topic, position=position, reason=type(fault).__name__)

    async def _connected_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._settings.kafka_bootstrap,
                enable_idempotence=True,
                acks="all",
                linger_ms=0,
                max_batch_size=256 * 1024,
                request_timeout_ms=int(SEND_TIMEOUT_SECONDS * 1000),
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer

    async def _drop_producer(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            try:
                async with asyncio.timeout(1):
                    await producer.stop()
            except (TimeoutError, KafkaError):
                _log.warning("producer.abandoned")


__all__ = ["LeaseLostError", "Relay"]
