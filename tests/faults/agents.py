"""Agents at their desks: over the real feed and HTTP they accept what is offered and close it."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.wire import Answer
from tests.faults.callers import REQUEST_SECONDS, Callers, Identity
from tests.faults.clients import Client, Request
from tests.faults.history import History
from tests.faults.stand import Stand

DISPOSITION = "solved"
# Longer than the feed's heartbeat: a line that is silent for so long is dead.
SILENCE_SECONDS = 18.0
RECONNECT_SECONDS = 0.3
HANDLING_SECONDS = 0.05


class Agent:
    """One desk. It keeps no list of its own: after every new line the snapshot says what is to be done."""

    def __init__(self, stand: Stand, callers: Callers, identity: Identity, history: History) -> None:
        """Sit down."""
        self._stand = stand
        self._wire = callers.wire
        self._identity = identity
        self._history = history
        self._chance = random.Random(identity.subject)
        self._client = Client(callers.wire, history, self._chance)
        self._busy: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def work(self) -> None:
        """Work until cancelled, on a new line whenever the old one ends."""
        while True:
            router = self._router()
            try:
                async with connect(
                    f"{router.replace('http', 'ws', 1)}/v1/desk/feed", open_timeout=REQUEST_SECONDS, close_timeout=1
                ) as line:
                    await self._on_line(line, router)
            except (OSError, WebSocketException):
                await asyncio.sleep(RECONNECT_SECONDS)

    async def end(self) -> None:
        """Leave what is still being done."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _on_line(self, line: ClientConnection, router: str) -> None:
        await line.send(json.dumps({"type": "authenticate", "token": self._identity.token, "after": None}))
        while True:
            async with asyncio.timeout(SILENCE_SECONDS):
                frame = json.loads(await line.recv())
            if frame["type"] in {"ready", "reset"}:
                await self._be_available(router)
                await self._look_at_all(router)
            elif frame["type"] == "presence.changed" and frame["data"]["presence"]["not_responding"]:
                await self._be_available(router)
            elif frame["type"] == "offer.changed":
                self._start(frame["data"]["interaction"]["id"], frame["data"]["id"])

    async def _be_available(self, router: str) -> None:
        await self._ask("PUT", f"{router}/v1/desk/presence", {"status": "available"})

    async def _look_at_all(self, router: str) -> None:
        desk = (await self._ask("GET", f"{router}/v1/desk/snapshot")).json()
        for offer in desk["offers"]:
            self._start(offer["interaction"]["id"], offer["id"])
        for row in desk["interactions"]:
            if row["state"] in {"active", "wrap_up"}:
                self._start(row["id"], None)

    def _start(self, interaction_id: str, offer_id: str | None) -> None:
        if interaction_id not in self._busy:
            self._busy.add(interaction_id)
            task = asyncio.create_task(self._handle(interaction_id, offer_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _handle(self, interaction_id: str, offer_id: str | None) -> None:
        try:
            if offer_id is None or await self._accept(offer_id):
                await asyncio.sleep(HANDLING_SECONDS)
                await self._close(interaction_id)
        finally:
            self._busy.discard(interaction_id)

    async def _accept(self, offer_id: str) -> bool:
        """Whether the agent has it; if she does not know, or is refused, she looks at her desk again.

        A router that was frozen may take an acceptance long after its client gave up, and a second one is refused then.
        """
        try:
            answer = await self._ask("POST", f"{self._router()}/v1/offers/{offer_id}/acceptance", refusable=True)
        except OSError:
            self._look_again_soon()
            return False
        if not answer.ok:
            self._look_again_soon()
        return answer.ok

    async def _close(self, interaction_id: str) -> None:
        body: dict[str, Any] = {"disposition": DISPOSITION}
        request = Request(
            "POST",
            lambda: f"{self._router()}/v1/interactions/{interaction_id}/closure",
            lambda: self._identity.headers,
            body,
            known_means_done=True,
        )
        before = self._history.operations.get(("closure", interaction_id))
        if before is not None and before.outcome == "ok":
            return  # The desk was looked at before the answer came.
        operation = self._history.begin("closure", interaction_id, self._identity.subject)
        await self._client.write(operation, request, uncertain=before is not None)

    def _look_again_soon(self) -> None:
        async def look() -> None:
            await asyncio.sleep(1)
            try:
                await self._look_at_all(self._router())
            except OSError:
                self._look_again_soon()

        task = asyncio.create_task(look())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, method: str, url: str, body: object = None, *, refusable: bool = False) -> Answer:
        """The answer to a request; OSError (TimeoutError is one) if there is none or it is a fault."""
        answer = await self._wire.request(
            method, url, headers=self._identity.headers, body=body, seconds=REQUEST_SECONDS
        )
        if not answer.ok and not (refusable and answer.status < 500):
            raise ConnectionError(f"{url} answered {answer.status}")
        return answer

    def _router(self) -> str:
        routers = [each for each in self._stand.services if each.description.database == "router"]
        return self._chance.choice(routers).address


async def prepare_router(stand: Stand, callers: Callers) -> None:
    """A queue without skills, a disposition, and agents with room for much work."""
    router = stand.service("interaction-router").address
    label = {"zh-CN": "已解决", "en": "Solved"}
    capacity = {"skills": [], "capacity": {"mail": 20, "chat": 0}}
    wanted: list[tuple[str, dict[str, Any]]] = [
        ("/v1/queues/faults", {"name": "Faults", "offer_timeout_seconds": 10, "channels": ["partner"]}),
        (f"/v1/dispositions/{DISPOSITION}", {"label": label, "active": True}),
        *((f"/v1/agents/{agent.subject}/skills", capacity) for agent in callers.agents),
    ]
    for path, body in wanted:
        answer = await callers.http.put(f"{router}{path}", json=body, headers=callers.admin.headers, timeout=10)
        if not answer.is_success:
            raise RuntimeError(f"PUT {path} answered {answer.status_code}: {answer.text}")


@asynccontextmanager
async def at_work(agents: list[Agent]) -> AsyncIterator[None]:
    """The agents work during the block."""
    tasks = [asyncio.create_task(agent.work()) for agent in agents]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=5)
        for agent in agents:
            await agent.end()
