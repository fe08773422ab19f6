"""How often the public endpoints may be asked: token buckets in the database, so that all replicas count together.

The address of a caller is kept as a digest only, and not for long.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection

from careline.clock import Clock
from careline.database import Database, WriteConnection
from careline.problems import TooManyRequests

TAKE = """
INSERT INTO public_rates AS bucket (key, tokens, refilled_at) VALUES ($1, $2 - 1, $4)
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


async def take(database: Database, rate: Rate, http: HTTPConnection, clock: Clock) -> None:
    """Count one attempt of the caller's address, refused ones too; TooManyRequests says when to come again.

    It commits by itself, before the work that it allows. `clock` is the real one: rates are no business.
    """
    async with database.write_one_statement() as connection:
        refuse(rate, await connection.fetchval(TAKE, *taking(rate, http, clock)))


def taking(rate: Rate, http: HTTPConnection, clock: Clock) -> tuple[object, ...]:
    """The arguments of TAKE, for a hot path that counts in a statement of its own."""
    who = http.client.host if http.client else "unknown"
    key = hashlib.sha256(f"{rate.name}:{who}".encode()).digest()
    return key, float(rate.burst), rate.per_second, clock.now()


def refuse(rate: Rate, tokens: float) -> None:
    """TooManyRequests if there was nothing left to take."""
    if tokens < 0:
        wait_seconds = max(1, math.ceil((1 - tokens) / rate.per_second))
        raise TooManyRequests("That was too much at once.", headers={"Retry-After": str(wait_seconds)})


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Forget buckets that are full again."""
    await connection.execute("DELETE FROM public_rates WHERE refilled_at < $1", now - KEPT_FOR)
