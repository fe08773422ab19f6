"""router.offer.p99_ms: from the commit of an interaction to its offer on the agent's socket.

200 agents are connected by WebSocket and available; partners open 20 interactions a second for 20 s; each offer is
accepted and the interaction closed at once, so that there is always room. The first moment is PostgreSQL's commit
timestamp of the interaction's message, the second the clock of the same machine when the frame was read.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
from websockets.asyncio.client import ClientConnection, connect

from bench.house import house
from bench.partners import CUSTOMERS, checked, post_interaction, put_queue, steady
from bench.people import load_customers
from bench.rows import Figure
from bench.statistics import percentile
from bench.tokens import token
from bench.wire import Wire
from careline.ids import decode, encode, new_id
from tests.faults.stand import Stand

IDS = ("router.offer.p99_ms",)
AGENTS = 200
INTERACTIONS_PER_SECOND = 20
SECONDS = 20.0
WARM_SECONDS = 3.0
CONNECT_AT_ONCE = 10
CAPACITY = 2

_OPENED = "SELECT interaction_id, pg_xact_commit_timestamp(xmin) FROM messages WHERE interaction_id = ANY($1::uuid[])"


class Desks:
    """All agents: each takes what is offered and closes it."""

    def __init__(self, stand: Stand, wire: Wire) -> None:
        self.offered_at: dict[str, float] = {}
        self._router = stand.service("interaction-router").address
        self._wire = wire
        self._stand = stand
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, admin: str) -> AsyncIterator[None]:
        """All agents are connected and available during the block."""
        gate = asyncio.Semaphore(CONNECT_AT_ONCE)
        lines = await asyncio.gather(*(self._sit_down(admin, gate) for _ in range(AGENTS)))
        reading = [asyncio.create_task(self._read(line, headers)) for line, headers in lines]
        try:
            yield
        finally:
            for task in [*reading, *self._tasks]:
                task.cancel()
            await asyncio.gather(*reading, *self._tasks, return_exceptions=True)
            await asyncio.gather(*(line.close() for line, _ in lines))

    async def _sit_down(self, admin: str, gate: asyncio.Semaphore) -> tuple[ClientConnection, dict[str, str]]:
        subject = encode("per", new_id())
        access = token(self._stand, subject, "desk:use")
        headers = {"Authorization": f"Bearer {access}"}
        skills = {"skills": [], "capacity": {"mail": CAPACITY, "chat": 0}}
        async with gate:
            url = f"{self._router}/v1/agents/{subject}/skills"
            boss = {"Authorization": f"Bearer {admin}"}
            await checked(self._wire.request("PUT", url, headers=boss, body=skills))
            line = await connect(f"{self._router.replace('http', 'ws', 1)}/v1/desk/feed", compression=None)
            await line.send(json.dumps({"type": "authenticate", "token": access, "after": None}))
            while json.loads(await line.recv())["type"] != "ready":
                continue
            available = {"status": "available"}
            presence = f"{self._router}/v1/desk/presence"
            await checked(self._wire.request("PUT", presence, headers=headers, body=available))
        return line, headers

    async def _read(self, line: ClientConnection, headers: dict[str, str]) -> None:
        async for text in line:
            now = time.time()
            frame = json.loads(text)
            if frame["type"] == "offer.changed":
                interaction_id = frame["data"]["interaction"]["id"]
                self.offered_at.setdefault(interaction_id, now)
                task = asyncio.create_task(self._finish(frame["data"]["id"], interaction_id, headers))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _finish(self, offer_id: str, interaction_id: str, headers: dict[str, str]) -> None:
        await checked(self._wire.request("POST", f"{self._router}/v1/offers/{offer_id}/acceptance", headers=headers))
        closure = f"{self._router}/v1/interactions/{interaction_id}/closure"
        await checked(self._wire.request("POST", closure, headers=headers, body={"disposition": "solved"}))


async def measure() -> list[Figure]:
    """One run."""
    async with house(["directory", "customer-profile", "interaction-router"]) as stand:
        await load_customers(stand, CUSTOMERS)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        admin = token(stand, "per_01m82f1w12ex68277fk08sn1bq", "routing:write")
        partner = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "interactions:write", kind="client")
        await put_queue(wire, stand, admin)
        desks = Desks(stand, wire)
        async with desks.open(admin):
            await _open(stand, wire, partner, "warm", WARM_SECONDS)
            opened = await _open(stand, wire, partner, "run", SECONDS)
            await asyncio.sleep(2)
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
