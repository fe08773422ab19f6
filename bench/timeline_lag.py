"""timeline.lag.p99_ms: from the commit of an interaction's closure to its commit on the customer's timeline.

Partners open 20 interactions a second for 20 s and agents close them at once: opened, message received, offered,
accepted and closed are 100 events a second on Kafka. Both moments are PostgreSQL's own commit timestamps of the last
change of a row, router and profile being on one server: nothing is polled.
"""

import asyncio
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg

from bench.desks import Desks
from bench.house import house
from bench.partners import CUSTOMERS, post_interaction, put_queue, steady
from bench.people import load_customers
from bench.rows import Figure
from bench.statistics import percentile
from bench.tokens import token
from bench.wire import Wire
from careline.ids import decode
from tests.faults.stand import Stand

IDS = ("timeline.lag.p99_ms",)
INTERACTIONS_PER_SECOND = 20
SECONDS = 20.0
WARM_SECONDS = 3.0
AGENTS = 20
ARRIVE_SECONDS = 30

_CLOSED = """
SELECT id, pg_xact_commit_timestamp(xmin) FROM interactions WHERE id = ANY($1::uuid[]) AND state = 'closed'
"""
_SHOWN = """
SELECT id, pg_xact_commit_timestamp(xmin) FROM timeline_entries
WHERE id = ANY($1::uuid[]) AND facts->>'state' = 'closed'
"""


async def measure() -> list[Figure]:
    """One run."""
    async with house(["directory", "customer-profile", "interaction-router"]) as stand:
        await load_customers(stand, CUSTOMERS)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        admin = token(stand, "per_01m82f1w12ex68277fk08sn1bq", "routing:write")
        partner = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "interactions:write", kind="client")
        await put_queue(wire, stand, admin)
        async with Desks(stand, wire, AGENTS).open(admin):
            await _open(stand, wire, partner, "warm", WARM_SECONDS)
            opened = await _open(stand, wire, partner, "run", SECONDS)
            lags = await _lags(stand, opened)
        wire.close()
    note = f"{len(lags)} closures, median {percentile(lags, 0.5):.0f} ms, longest {max(lags):.0f} ms"
    return [Figure(IDS[0], percentile(lags, 0.99), note=note)]


async def _open(stand: Stand, wire: Wire, partner: str, name: str, seconds: float) -> list[str]:
    opened: list[str] = []

    async def one(number: int) -> None:
        opened.append(await post_interaction(wire, stand, partner, f"{name}-{number}", number % CUSTOMERS + 1))

    await steady(INTERACTIONS_PER_SECOND, seconds, one)
    return opened


async def _lags(stand: Stand, opened: list[str]) -> list[float]:
    wanted = [decode("int", each) for each in opened]
    connect = partial(asyncpg.connect, ssl=False)
    router, profile = await connect(stand.database("router")), await connect(stand.database("profile"))
    try:
        for _ in range(ARRIVE_SECONDS):
            shown: dict[UUID, datetime] = dict(await profile.fetch(_SHOWN, wanted))
            if len(shown) == len(wanted):
                break
            await asyncio.sleep(1)
        else:
            raise RuntimeError(f"{len(wanted) - len(shown)} closures never came to the timeline")
        closed: dict[UUID, datetime] = dict(await router.fetch(_CLOSED, wanted))
    finally:
        await router.close()
        await profile.close()
    return [(shown[each] - closed[each]).total_seconds() * 1000 for each in wanted]
