"""Brings a service's database and topics to what its code expects."""

import asyncio
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from alembic import command, context
from alembic.config import Config
from sqlalchemy import MetaData, pool, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from careline.events import EventCatalogue
from careline.settings import ServiceSettings

PARTITIONS = 6
MIGRATION_LOCK = 0x43415245  # "CARE": two starting replicas migrate one after the other.


def migrate(folder: Path, database_url: str) -> None:
    """Upgrade the database at `database_url` to the newest migration in `folder`."""
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["database_url"] = database_url
    command.upgrade(config, "head")


def run_migrations(metadata: MetaData | None = None) -> None:
    """What the `env.py` of every service calls: one transaction for each migration, bounded waits for locks."""
    database_url = context.config.attributes["database_url"]
    asyncio.run(_run(database_url.replace("postgresql://", "postgresql+asyncpg://", 1), metadata))


async def _run(database_url: str, metadata: MetaData | None) -> None:
    engine = create_async_engine(database_url, poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run_in, metadata)
            await connection.commit()
    finally:
        await engine.dispose()


def _run_in(connection: Connection, metadata: MetaData | None) -> None:
    connection.execute(text("SET lock_timeout = '5s'"))
    connection.execute(text(f"SELECT pg_advisory_lock({MIGRATION_LOCK})"))
    connection.commit()
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
    connection.execute(text(f"SELECT pg_advisory_unlock({MIGRATION_LOCK})"))


async def create_topics(settings: ServiceSettings, catalogue: EventCatalogue, *, replication: int = 1) -> None:
    """Create the topics that this service owns; those that exist stay as they are."""
    if not catalogue.aggregate_types:
        return
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    try:
        names = [settings.topic_prefix + aggregate_type for aggregate_type in catalogue.aggregate_types]
        answer = await admin.create_topics([NewTopic(name, PARTITIONS, replication) for name in names])
        for name, code, *rest in answer.topic_errors:
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise RuntimeError(f"Kafka refused topic {name}: {rest}")
    finally:
        await admin.close()
