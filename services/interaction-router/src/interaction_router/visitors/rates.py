"""Token buckets, kept in the database: every replica counts together, and a refused attempt is counted too."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from careline.database import Database, WriteConnection
from careline.problems import TooManyRequests

_TAKE = """
INSERT INTO visitor_rates AS bucket (key, tokens, refilled_at) VALUES ($1, $2 - 1, $4)
ON CONFLICT (key) DO UPDATE
SET tokens = greatest(-1, least($2, bucket.tokens
        + greatest(0, extract(epoch FROM $4 - bucket.refilled_at)::float8) * $3) - 1),
    refilled_at = greatest(bucket.refilled_at, $4)
RETURNING tokens
"""
KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """How much at once, and how fast it comes back."""

    name: str
    burst: int
    per_second: float


MESSAGES = Rate("message", 15, 1.0)
CHATS = Rate("chat", 6, 1 / 30)
PHONES = Rate("phone", 5, 1 / 60)
LINES = Rate("line", 20, 1.0)
READS = Rate("read", 30, 2.0)
# An address is often that of a whole company.
NEW_VISITORS = Rate("visitor", 60, 0.5)
WRONG_TOKENS = Rate("token", 60, 0.5)


async def take(database: Database, rate: Rate, who: str, now: datetime) -> None:
    """Count one attempt; TooManyRequests says when to come again."""
    async with database.write_raw() as connection:
        tokens = await connection.fetchval(_TAKE, f"{rate.name}:{who}", float(rate.burst), rate.per_second, now)
    if tokens < 0:
        wait_seconds = max(1, math.ceil((1 - tokens) / rate.per_second))
        raise TooManyRequests("That was too much at once.", headers={"Retry-After": str(wait_seconds)})


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Forget buckets that are full again."""
    await connection.execute("DELETE FROM visitor_rates WHERE refilled_at < $1", now - KEPT_FOR)
