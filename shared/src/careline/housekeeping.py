"""Keeps the messaging tables small: archive partitions by day, and old inbox rows and idempotency keys gone."""

from datetime import UTC, date, datetime, timedelta

from careline.clock import Clock
from careline.database import Database, WriteConnection
from careline.idempotency import KEPT_FOR_HOURS

ARCHIVE_DAYS = 14
# Longer than Kafka keeps a message, so that nothing can come again after its inbox row is gone.
INBOX_DAYS = 14
EVERY_SECONDS = 3600.0

_PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'outbox_archive'::regclass AND c.relname ~ '^outbox_archive_[0-9]{8}$'
"""
# What was relayed while its day had no partition. Nothing else writes there for as long as the lock is held.
_HOLD_STILL = "LOCK TABLE outbox_archive IN SHARE ROW EXCLUSIVE MODE"
_HAS_STRAYS = "SELECT EXISTS (SELECT FROM outbox_archive_rest WHERE relayed_at >= $1 AND relayed_at < $2)"
_TAKE_STRAYS = """
WITH stray AS (DELETE FROM outbox_archive_rest WHERE relayed_at >= $1 AND relayed_at < $2 RETURNING *)
INSERT INTO {name} SELECT * FROM stray
"""
_FORGET_STRAYS = "DELETE FROM outbox_archive_rest WHERE relayed_at < $1"


async def keep_house(database: Database, clock: Clock) -> None:
    """Make the archive's partitions, drop outdated ones, prune what strayed, the inbox and the keys."""
    now = clock.now()
    await make_partitions(database, clock)
    async with database.write_raw() as connection:
        oldest = now.date() - timedelta(days=ARCHIVE_DAYS)
        for (name,) in await connection.fetch(_PARTITIONS):
            if name < _name(oldest):
                await connection.execute(f"DROP TABLE {name}")
        await connection.execute(_FORGET_STRAYS, _begin(oldest))
        await connection.execute("DELETE FROM inbox WHERE received_at < $1", now - timedelta(days=INBOX_DAYS))
        await connection.execute(
            "DELETE FROM idempotency_keys WHERE created_at < $1", now - timedelta(hours=KEPT_FOR_HOURS)
        )


async def make_partitions(database: Database, clock: Clock) -> None:
    """Create the archive's partitions for today and tomorrow; the relay begins once they are there."""
    today = clock.now().date()
    for day in (today, today + timedelta(days=1)):
        async with database.write_raw() as connection:
            if await connection.fetchval("SELECT to_regclass($1)", _name(day)) is None:
                await _make_partition(connection, day)


async def _make_partition(connection: WriteConnection, day: date) -> None:
    """Make a table, fill it with what strayed into the rest, and only then attach it: a row has one place at a time."""
    name, begin, end = _name(day), _begin(day), _begin(day + timedelta(days=1))
    await connection.execute(_HOLD_STILL)
    if await connection.fetchval("SELECT to_regclass($1)", name) is not None:
        return
    await connection.execute(f"CREATE TABLE {name} (LIKE outbox_archive)")
    if await connection.fetchval(_HAS_STRAYS, begin, end):
        await connection.execute(_TAKE_STRAYS.format(name=name), begin, end)
    await connection.execute(
        f"ALTER TABLE outbox_archive ATTACH PARTITION {name} "
        f"FOR VALUES FROM ('{begin.isoformat()}') TO ('{end.isoformat()}')"
    )


def _name(day: date) -> str:
    return f"outbox_archive_{day:%Y%m%d}"


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
