"""`python -m customer_profile.timeline.rebuild`: the timeline anew, from the topics that it is made of.

Entries of purchases, products and notes were never read from a topic and stay. The service may run meanwhile: what
both write is the same, and an entry never goes back to an older event.
"""

import asyncio
import sys

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from careline.database import Database, WriteConnection
from careline.events import Event
from careline.settings import SettingsError, load_settings
from careline.statements import execute
from customer_profile.settings import Settings
from customer_profile.timeline import projection

TOPICS = ("interaction", "care", "delivery", "complaint", "survey")
MAX_RECORDS = 500

_FORGET = "DELETE FROM timeline_entries WHERE source IN ('interaction', 'care', 'complaint', 'feedback')"


async def rebuild(database: Database, settings: Settings) -> int:
    """Forget what came from the topics and read them again up to where they end now; the number of events read."""
    partitions = await _partitions(settings)
    # Assigned by hand: partitions that a subscription gives are given anew, from the end, when metadata change.
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        async with database.write_raw() as connection:
            await execute(connection, _FORGET)
        read = 0
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            batch = await consumer.getmany(timeout_ms=500, max_records=MAX_RECORDS)
            records = [record for records in batch.values() for record in records]
            async with database.write_raw() as connection:
                for record in records:
                    await _apply(connection, record.value)
            read += len(records)
        return read
    finally:
        await consumer.stop()


async def _partitions(settings: Settings) -> list[TopicPartition]:
    """The partitions of the topics that there are; one whose service has never run says nothing."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        there = {settings.topic_prefix + topic for topic in TOPICS} & set(await admin.list_topics())
        if not there:
            raise LookupError("there is no topic to read from, so nothing is forgotten")
        described = await admin.describe_topics(sorted(there))
    finally:
        await admin.close()
    return [TopicPartition(each["topic"], part["partition"]) for each in described for part in each["partitions"]]


async def _apply(connection: WriteConnection, raw: bytes) -> None:
    try:
        event = Event.from_json(raw)
    except (ValueError, KeyError, TypeError):
        return  # The consumer has parked it, where a person sees it.
    await projection.project(connection, event)


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
