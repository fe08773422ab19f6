"""Agents at the desk: they have the feed open, take offers, answer, wrap up and close."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from careline_local.city import words
from careline_local.city.callers import AsyncPerson, Json, RefusedError
from careline_local.city.pace import Pace

ROUTER: Final = "/api/router/v1"
LOGINS: Final = {
    "city-zhoumin": ("周敏（模拟）", "zh-CN"),
    "city-xuhao": ("许浩（模拟）", "zh-CN"),
    "city-grace": ("Grace Liu (simulated)", "en"),
    "city-tom": ("Tom Reed (simulated)", "en"),
}
SKILLS: Final = ("mail", "chat", "billing", "partner", "phone_care", "language:zh", "language:en")
TYPING_SECONDS: Final = 2.5
REACTION_SECONDS: Final = 1.5
WRAP_UP_SECONDS: Final = 2.0


class Agent:
    """One agent and her open work."""

    def __init__(self, person: AsyncPerson, pace: Pace) -> None:
        """Take a signed-in person."""
        self._person = person
        self._pace = pace
        self._working: dict[str, asyncio.Task[None]] = {}

    async def work(self) -> None:
        """Be there until cancelled; a lost line is opened again."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._at_the_desk(group)
                except (WebSocketException, OSError, TimeoutError, httpx.HTTPError):
                    await asyncio.sleep(1)

    async def _at_the_desk(self, group: asyncio.TaskGroup) -> None:
        address = self._person.origin.replace("http", "ws", 1) + f"{ROUTER}/desk/feed"
        async with connect(address, proxy=None) as line:
            await self._authenticate(line)
            renewing = group.create_task(self._renew(line))
            try:
                await self._person.put(f"{ROUTER}/desk/presence", {"status": "available"})
                await self._look(group)
                async for text in line:
                    frame = json.loads(text)
                    if frame["type"] in {"offer.changed", "interaction.changed", "reset"}:
                        await self._look(group)
            finally:
                renewing.cancel()

    async def _authenticate(self, line: ClientConnection) -> None:
        await line.send(json.dumps({"type": "authenticate", "token": await self._person.token(), "after": None}))

    async def _renew(self, line: ClientConnection) -> None:
        while True:
            await asyncio.sleep(120)
            await self._authenticate(line)

    async def _look(self, group: asyncio.TaskGroup) -> None:
        snapshot = await self._person.get(f"{ROUTER}/desk/snapshot")
        for offer in snapshot["offers"]:
            self._begin(group, offer["id"], partial(self._take, offer))
        for row in snapshot["interactions"]:
            self._begin(group, row["id"], partial(self._serve, row))

    def _begin(self, group: asyncio.TaskGroup, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Work on a thing unless it is in hand already."""

        async def in_hand() -> None:
            try:
                await work()
            except RefusedError:
                # Somebody else was quicker, or the customer has gone: the next look shows what is left.
                await asyncio.sleep(1)
            finally:
                self._working.pop(name, None)

        if name not in self._working:
            self._working[name] = group.create_task(in_hand())

    async def _take(self, offer: Json) -> None:
        await self._pace.a_while(REACTION_SECONDS)
        row = await self._person.post(f"{ROUTER}/offers/{offer['id']}/acceptance")
        self._pace.done["accepted"] += 1
        await self._serve(row)

    async def _serve(self, row: Json) -> None:
        path = f"{ROUTER}/interactions/{row['id']}"
        interaction = await self._person.get(path)
        if interaction["state"] == "active":
            await self._talk(path, interaction)
            interaction = await self._person.post(f"{path}/wrap-up")
        if interaction["state"] == "wrap_up":
            await self._pace.a_while(WRAP_UP_SECONDS)
            await self._person.post(f"{path}/closure", {"disposition": await self._disposition(interaction)})
            self._pace.done["closed"] += 1

    async def _talk(self, path: str, interaction: Json) -> None:
        texts = words.ANSWERS["zh-CN" if (interaction["language"] or "").startswith("zh") else "en"]
        for text in texts if interaction["channel"] == "chat" else texts[-1:]:
            await self._pace.a_while(TYPING_SECONDS)
            if interaction["can"]["reply"]:
                await self._person.post(f"{path}/messages", {"kind": "reply", "text": text}, key=str(uuid4()))

    async def _disposition(self, interaction: Json) -> str:
        if interaction["channel"] == "phone_task":
            return self._pace.chance.choices(("reached", "no_answer", "refused"), (7, 2, 1))[0]
        known: set[str] = {each["code"] for each in await self._person.get(f"{ROUTER}/dispositions")}
        return self._pace.chance.choice(sorted(known & {"resolved", "information_given", "repair_arranged"}))
