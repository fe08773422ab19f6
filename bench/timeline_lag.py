"""timeline.lag.p99_ms: from the commit of an interaction to the commit of its row on the customer's timeline.

Partners open 50 interactions a second for 20 s, which are 100 events a second on Kafka (opened, message received).
Both moments are PostgreSQL's own commit timestamps, router and profile being on one server: nothing is polled.
"""

import asyncio
from functools import partial

import asyncpg

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
INTERACTIONS_PER_SECOND = 50
SECONDS = 20.0
WARM_SECONDS = 3.0
ARRIVE_SECONDS = 30

_OPENED = "SELECT interaction_id, pg_xact_commit_timestamp(xmin) FROM messages WHERE interaction_id = ANY($1::uuid[])"
_SHOWN = "SELECT id, pg_xact_commit_timestamp(xmin) FROM timeline_entries WHERE id = ANY($1::uuid[])"


async def measure() -> list[Figure]:
    """One run."""
    async with house(["directory", "customer-profile", "interaction-router"]) as stand:
        await load_customers(stand, CUSTOMERS)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        partner = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "interactions:write", kind="client")
        await put_queue(wire, stand, token(stand, "per_01m82f1w12ex68277fk08sn1bq", "routing:write"))
        await _open(stand, wire, partner, "warm", WARM_SECONDS)
        opened = await _open(stand, wire, partner, "run", SECONDS)
        lags = await _lags(stand, opened)
        wire.close()
    note = f"{len(lags)} interactions, median {percentile(lags, 0.5):.0f} ms, longest {max(lags):.0f} ms"
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
            shown = dict(await profile.fetch(_SHOWN, wanted))
            if len(shown) == len(wanted):
                break
            await asyncio.sleep(1)
        else:
            raise RuntimeError(f"{len(wanted) - len(shown)} interactions never came to the timeline")
        committed = dict(await router.fetch(_OPENED, wanted))
    finally:
        await router.close()
        await profile.close()
    return [(shown[each] - committed[each]).total_seconds() * 1000 for each in wanted]
