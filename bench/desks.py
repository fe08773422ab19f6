"""Agents at desks that cost little: each takes what its socket offers and closes it at once."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from websockets.asyncio.client import ClientConnection, connect

from bench.partners import checked
from bench.tokens import token
from bench.wire import Wire
from careline.ids import encode, new_id
from tests.faults.stand import Stand

CONNECT_AT_ONCE = 10
CAPACITY = 2


class Desks:
    """All agents: each takes what is offered and closes it."""

    def __init__(self, stand: Stand, wire: Wire, number: int) -> None:
        self._number = number
        self.offered_at: dict[str, float] = {}
        self._router = stand.service("interaction-router").address
        self._wire = wire
        self._stand = stand
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(self, admin: str) -> AsyncIterator[None]:
        """All agents are connected and available during the block."""
        gate = asyncio.Semaphore(CONNECT_AT_ONCE)
        lines = await asyncio.gather(*(self._sit_down(admin, gate) for _ in range(self._number)))
        reading = [asyncio.create_task(self._read(line, headers)) for line, headers in lines]
        try:
            yield
        finally:
            for task in [*reading, *self._tasks]:
                task.cancel()
            await asyncio.gather(*reading, *self._tasks, return_exceptions=True)
            await asyncio.gather(*(line.close() for line, _ in lines))

    async def until_offered(self, opened: list[str]) -> None:
        """Wait until all of these have been offered, half a minute at the most."""
        for _ in range(300):
            if all(each in self.offered_at for each in opened):
                return
            await asyncio.sleep(0.1)

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
