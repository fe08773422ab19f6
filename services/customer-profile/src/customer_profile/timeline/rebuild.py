"""`python -m customer_profile.timeline.rebuild`: the timeline anew, from the topics that it is made of.

Entries of purchases, products and notes were never read from a topic and stay. The service may run meanwhile: what
both write is the same, and an entry never goes back to an older event.
"""

import asyncio
import sys
from collections.abc import Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from careline.database import Database, WriteSession
from careline.events import Event
from careline.settings import SettingsError, load_settings
from careline.statements import execute
from customer_profile.settings import Settings
from customer_profile.timeline import projection

TOPICS = ("interaction", "care", "delivery", "complaint", "survey")
MAX_RECORDS = 500
ASSIGNED_WITHIN_SECONDS = 30

_FORGET = "DELETE FROM timeline_entries WHERE source IN ('interaction', 'care', 'complaint', 'feedback')"


async def rebuild(database: Database, settings: Settings) -> int:
    """Forget what came from the topics and read them again up to where they end now; the number of events read."""
    topics = await _topics(settings)
    # Without a group a consumer has all partitions and commits nothing.
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=settings.kafka_bootstrap)
    await consumer.start()
    try:
        partitions = await _assigned(consumer, topics)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        async with database.write() as session:
            await execute(session, _FORGET)
        read = 0
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            batch = await consumer.getmany(timeout_ms=500, max_records=MAX_RECORDS)
            records = [record for records in batch.values() for record in records]
            async with database.write() as session:
                for record in records:
                    await _apply(session, record.value)
            read += len(records)
        return read
    finally:
        await consumer.stop()


async def _topics(settings: Settings) -> list[str]:
    """The topics that there are; one whose service has never run says nothing."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        return sorted({settings.topic_prefix + topic for topic in TOPICS} & set(await admin.list_topics()))
    finally:
        await admin.close()


async def _assigned(consumer: AIOKafkaConsumer, topics: Sequence[str]) -> set[TopicPartition]:
    """The partitions of all topics; whoever began before they were known would forget and read nothing."""
    async with asyncio.timeout(ASSIGNED_WITHIN_SECONDS):
        while {partition.topic for partition in consumer.assignment()} != set(topics):  # noqa: ASYNC110 -- no event says so
            await asyncio.sleep(0.1)
    return set(consumer.assignment())


async def _apply(session: WriteSession, raw: bytes) -> None:
    try:
        event = Event.from_json(raw)
    except (ValueError, KeyError, TypeError):
        return  # The consumer has parked it, where a person sees it.
    await projection.project(session, event)


async def _main() -> None:
    settings = load_settings(Settings)
    database = Database(settings, application_name="profile-rebuild")
    try:
        read = await rebuild(database, settings)
    finally:
        await database.close()
    sys.stdout.write(f"Read {read} events.\n")


if __name__ == "__main__":
    try:
        asyncio.run(_main())
    except SettingsError as fault:
        sys.exit(str(fault))
