"""Keeps the messaging tables small: archive partitions by day, and old inbox rows and idempotency keys gone."""

from datetime import UTC, datetime, timedelta

from careline.clock import Clock
from careline.database import Database
from careline.idempotency import KEPT_FOR_HOURS

ARCHIVE_DAYS = 14
# Longer than Kafka keeps a message, so that nothing can come again after its inbox row is gone.
INBOX_DAYS = 14
EVERY_SECONDS = 3600.0

_PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'outbox_archive'::regclass AND c.relname ~ '^outbox_archive_[0-9]{8}$'
"""


async def keep_house(database: Database, clock: Clock) -> None:
    """Create the archive's partitions for today and tomorrow, drop outdated ones, prune inbox and keys."""
    now = clock.now()
    async with database.write_raw() as connection:
        for day in (now.date(), now.date() + timedelta(days=1)):
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
            name = f"outbox_archive_{day:%Y%m%d}"
            exists = await connection.fetchval("SELECT to_regclass($1)", name)
            clash = await connection.fetchval(
                "SELECT 1 FROM outbox_archive_rest WHERE relayed_at >= $1 AND relayed_at < $2 LIMIT 1",
                begin,
                begin + timedelta(days=1),
            )
            if exists is None and clash is None:
                await connection.execute(
                    f"CREATE TABLE {name} PARTITION OF outbox_archive "
                    f"FOR VALUES FROM ('{begin.isoformat()}') TO ('{(begin + timedelta(days=1)).isoformat()}')"
                )
        oldest = f"outbox_archive_{now.date() - timedelta(days=ARCHIVE_DAYS):%Y%m%d}"
        for (name,) in await connection.fetch(_PARTITIONS):
            if name < oldest:
                await connection.execute(f"DROP TABLE {name}")
        await connection.execute("DELETE FROM inbox WHERE received_at < $1", now - timedelta(days=INBOX_DAYS))
        await connection.execute(
            "DELETE FROM idempotency_keys WHERE created_at < $1", now - timedelta(hours=KEPT_FOR_HOURS)
        )
