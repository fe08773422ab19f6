"""A visitor's page, as the tests of the chat play it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID, uuid4

import httpx

from careline.ids import decode

from ...factories import Caller, Line, Router, eventually, expect


@dataclass
class Visitor:
    """Somebody with a visitor's token, and the chat she has."""

    router: Router
    id: str
    token: str
    chat_id: str = ""

    @property
    def uuid(self) -> UUID:
        return decode("vis", self.id)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.router.client.request(
            method, path, json=body, headers={"Authorization": f"Visitor {self.token}", **headers}
        )

    async def begin(self, **body: Any) -> dict[str, Any]:
        chat = expect(await self.send("POST", "/v1/chats", {"language": "en", **body}))
        self.chat_id = chat["id"]
        return cast("dict[str, Any]", chat)

    async def current(self) -> dict[str, Any]:
        # A test looks more often than a page may.
        await self.router.fetch("DELETE FROM visitor_rates WHERE key LIKE 'read:%'")
        return cast("dict[str, Any]", expect(await self.send("GET", "/v1/chats/current")))

    async def write(self, text: str, key: str | None = None) -> httpx.Response:
        key = key or str(uuid4())
        path = f"/v1/chats/{self.chat_id}/messages"
        return await self.send("POST", path, {"text": text}, **{"Idempotency-Key": key})

    async def say(self, text: str) -> dict[str, Any]:
        return cast("dict[str, Any]", expect(await self.write(text)))

    async def phone(self, number: str) -> httpx.Response:
        return await self.send("POST", f"/v1/chats/{self.chat_id}/phone", {"number": number})

    async def end(self) -> None:
        expect(await self.send("POST", f"/v1/chats/{self.chat_id}/end"))

    @asynccontextmanager
    async def line(self, after: int | None = None) -> AsyncIterator[Line]:
        async with self.router.connect(f"/v1/chats/{self.chat_id}/feed") as socket:
            await socket.send_json({"type": "authenticate", "token": self.token, "after": after})
            yield Line(socket)


@dataclass
class Page:
    """What the widget holds: a snapshot, and whatever its line has told since."""

    chat: dict[str, Any]
    seqs: list[int] = field(default_factory=list)

    @property
    def cursor(self) -> int:
        return self.seqs[-1] if self.seqs else cast("int", self.chat["cursor"])

    def take(self, frame: dict[str, Any]) -> None:
        if "seq" not in frame:
            return
        self.seqs.append(frame["seq"])
        self.chat["cursor"] = frame["seq"]
        if frame["type"] == "message.added":
            self.chat["messages"].append(frame["data"])
        elif frame["type"] == "state.changed":
            self.chat |= frame["data"]


def texts(chat: dict[str, Any]) -> list[str]:
    return [message["text"] for message in chat["messages"]]


async def visit(router: Router) -> Visitor:
    body = expect(await router.client.post("/v1/visitors"))
    return Visitor(router, body["visitor_id"], body["token"])


async def talk(router: Router, agent: Caller, **body: Any) -> Visitor:
    """A visitor who is talking with the agent."""
    visitor = await visit(router)
    await visitor.begin(**body)
    assert await agent.accept() == visitor.chat_id

    async def joined() -> bool:
        return bool((await visitor.current())["state"] == "active")

    await eventually(joined)
    return visitor


async def reply(agent: Caller, visitor: Visitor, text: str, kind: str = "reply") -> None:
    await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/messages", {"kind": kind, "text": text}, status=201)


async def told(router: Router, visitor: Visitor) -> list[tuple[str, dict[str, Any]]]:
    """Everything that the visitor's line was told, as it is kept."""
    rows = await router.fetch(
        "SELECT type, data FROM chat_events WHERE interaction_id = $1 ORDER BY seq", decode("int", visitor.chat_id)
    )
    return [(row["type"], json.loads(row["data"])) for row in rows]
