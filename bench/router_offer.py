"""router.offer.p99_ms: from the commit of an interaction to its offer on the agent's socket.

200 agents are connected by WebSocket and available; partners open 20 interactions a second for 20 s; each offer is
accepted and the interaction closed at once, so that there is always room. The first moment is PostgreSQL's commit
timestamp of the interaction's message, the second the clock of the same machine when the frame was read.
"""

import asyncio
from datetime import UTC, datetime
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

IDS = ("router.offer.p99_ms",)
AGENTS = 200
INTERACTIONS_PER_SECOND = 20
SECONDS = 20.0
WARM_SECONDS = 3.0

_OPENED = "SELECT interaction_id, pg_xact_commit_timestamp(xmin) FROM messages WHERE interaction_id = ANY($1::uuid[])"


async def measure() -> list[Figure]:
    """One run."""
    async with house(["directory", "customer-profile", "interaction-router"]) as stand:
        await load_customers(stand, CUSTOMERS)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        admin = token(stand, "per_01m82f1w12ex68277fk08sn1bq", "routing:write")
        partner = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "interactions:write", kind="client")
        await put_queue(wire, stand, admin)
        desks = Desks(stand, wire, AGENTS)
        async with desks.open(admin):
            await _open(stand, wire, partner, "warm", WARM_SECONDS)
            opened = await _open(stand, wire, partner, "run", SECONDS)
            await desks.until_offered(opened)
        delays = await _delays(stand, desks, opened)
        wire.close()
    note = f"{len(delays)} offers, median {percentile(delays, 0.5):.0f} ms, longest {max(delays):.0f} ms"
    return [Figure(IDS[0], percentile(delays, 0.99), note=note)]


async def _open(stand: Stand, wire: Wire, partner: str, name: str, seconds: float) -> list[str]:
    opened: list[str] = []

    async def one(number: int) -> None:
        opened.append(await post_interaction(wire, stand, partner, f"{name}-{number}", number % CUSTOMERS + 1))

    await steady(INTERACTIONS_PER_SECOND, seconds, one)
    return opened


async def _delays(stand: Stand, desks: Desks, opened: list[str]) -> list[float]:
    missing = [each for each in opened if each not in desks.offered_at]
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(opened)} interactions were not offered in time")
    connection = await asyncpg.connect(stand.database("router"), ssl=False)
    try:
        rows = await connection.fetch(_OPENED, [decode("int", each) for each in opened])
    finally:
        await connection.close()
    committed: dict[UUID, datetime] = {row[0]: row[1] for row in rows}
    return [
        (datetime.fromtimestamp(desks.offered_at[each], UTC) - committed[decode("int", each)]).total_seconds() * 1000
        for each in opened
    ]
