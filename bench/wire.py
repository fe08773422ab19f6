"""A small HTTP/1.1 client that costs about as little as Python can: keep-alive connections and httptools.

A load generator must cost less than what it measures, and an open-loop one must bear thousands of requests that wait
for a server that is gone; the pools of the usual clients look at every waiting request for each answer.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools

CONNECT_SECONDS = 3.0


@dataclass(slots=True)
class Answer:
    """A whole response."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx."""
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Connection(asyncio.Protocol):
    """One connection with one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body: list[bytes] = []
        self._headers: dict[str, str] = {}
        self.open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The server took the call."""
        self._transport = cast("asyncio.Transport", transport)
        self.open = True

    def connection_lost(self, exc: Exception | None) -> None:
        """The server is gone; whoever waits is told."""
        self.open = False
        self._fail(exc or ConnectionResetError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as fault:
            self.close()
            self._fail(ConnectionError(str(fault)))

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header of the answer."""
        self._headers[name.decode().lower()] = value.decode(errors="replace")

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        answer = Answer(self._parser.get_status_code(), b"".join(self._body), self._headers)
        if not self._parser.should_keep_alive():
            self.close()
        self._parser = httptools.HttpResponseParser(self)
        self._body = []
        self._headers = {}
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(answer)

    async def ask(self, request: bytes, seconds: float) -> Answer:
        """Send a request and wait for its answer; a connection that timed out is not used again."""
        if self._transport is None or not self.open:
            raise ConnectionResetError("the connection was closed")
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        timer = asyncio.get_running_loop().call_later(seconds, self._give_up)
        try:
            return await self._waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            timer.cancel()

    def close(self) -> None:
        """End it."""
        self.open = False
        if self._transport is not None:
            self._transport.abort()

    def _give_up(self) -> None:
        self._fail(TimeoutError("no answer in time"))
        self.close()

    def _fail(self, fault: Exception) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(fault)


class Wire:
    """Connections to any number of servers, at most `limit` to each."""

    def __init__(self, limit: int = 64) -> None:
        self._limit = limit
        self._idle: dict[tuple[str, int], deque[Connection]] = {}
        self._room: dict[tuple[str, int], asyncio.Semaphore] = {}

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: object = None,
        seconds: float = 10.0,
    ) -> Answer:
        """Send `body` as JSON; OSError or TimeoutError if there is no answer within `seconds`."""
        parts = urlsplit(url)
        place = (parts.hostname or "127.0.0.1", parts.port or 80)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return await self.send(place, render(method, target, headers or {}, body), seconds)

    async def send(self, place: tuple[str, int], request: bytes, seconds: float) -> Answer:
        """Send a request that is rendered already."""
        room = self._room.setdefault(place, asyncio.Semaphore(self._limit))
        idle = self._idle.setdefault(place, deque())
        async with room:
            connection = await self._connection(place, idle)
            try:
                return await connection.ask(request, seconds)
            finally:
                if connection.open:
                    idle.append(connection)

    async def _connection(self, place: tuple[str, int], idle: deque[Connection]) -> Connection:
        while idle:
            if (known := idle.pop()).open:
                return known
        async with asyncio.timeout(CONNECT_SECONDS):
            _, fresh = await asyncio.get_running_loop().create_connection(Connection, *place)
        return fresh

    def close(self) -> None:
        """End all idle connections."""
        for idle in self._idle.values():
            while idle:
                idle.pop().close()


def render(method: str, target: str, headers: Mapping[str, str], body: object = None) -> bytes:
    """The bytes of a request."""
    content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    lines = [f"{method} {target} HTTP/1.1", "Host: 127.0.0.1"]
    if body is not None:
        lines += ["Content-Type: application/json"]
    if content or method in {"POST", "PUT", "PATCH"}:
        lines += [f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + content
