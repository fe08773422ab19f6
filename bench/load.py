"""The load generator, a process of its own: `python -m bench.load` reads a plan as JSON and prints what it saw.

Open loop: requests fall due at random moments (Poisson), whether earlier ones were answered or not, and each latency
counts from the moment at which its request was due, so that a server that stalls is not spared. At a rate that no
server reaches all connections are always busy, and what is answered is the most that the server can.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import cast

import httptools
import uvloop

from bench.wire import render

WARM_SECONDS = 1.0
LOW_SHARE = 0.02


@dataclass(frozen=True)
class Plan:
    """What to send, where and how fast."""

    port: int
    work: str
    """A name in WORKS."""
    token: str
    seconds: float
    rate: float
    connections: int
    seed: str
    keys: list[str] = field(default_factory=list)
    """What to ask for: identifiers, customer ids."""


@dataclass
class Seen:
    """What came back after the first second."""

    per_second: float
    answered: int
    statuses: dict[str, int]
    latencies_ms: list[float]


Make = Callable[[random.Random, int], bytes]


def lookups(plan: Plan) -> Make:
    """Look-ups by random identifiers."""
    headers = {"Authorization": f"Bearer {plan.token}"}
    ready = [render("GET", f"/v1/lookup?identifier={key}", headers) for key in plan.keys]
    return lambda chance, _: chance.choice(ready)


def purchases(plan: Plan) -> Make:
    """Purchases of random customers, each with a key of its own."""

    def make(chance: random.Random, number: int) -> bytes:
        name = f"{plan.seed}-{number}"
        body = {
            "external_id": name,
            "customer": {"id": chance.choice(plan.keys)},
            "purchased_at": "2026-11-22T12:00:00+00:00",
            "items": [{"name": "Kettle", "quantity": 1, "amount_minor": 25900}],
            "total_minor": 25900,
            "currency": "CNY",
        }
        headers = {"Authorization": f"Bearer {plan.token}", "Idempotency-Key": name}
        return render("POST", "/v1/purchases", headers, body)

    return make


def answers(plan: Plan) -> Make:
    """Answers to surveys, each by the next link and from an address of its own; one in fifty is very low."""

    def make(chance: random.Random, number: int) -> bytes:
        low = chance.random() < LOW_SHARE
        content: dict[str, object] = (
            {"satisfaction": 1, "reason": "time"} if low else {"satisfaction": chance.randint(3, 5)}
        )
        content |= {
            "recommend": chance.randint(7, 10),
            "effort": chance.randint(1, 7),
            "comment": "谢谢，很快就解决了。",
        }
        headers = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        path = f"/v1/invitations/by-token/{plan.keys[number - 1]}/answers"
        return render("POST", path, headers, {"answers": content})

    return make


WORKS = {"lookup": lookups, "purchase": purchases, "answer": answers}


class Generator:
    """Makes requests fall due and keeps what came of them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.begun = perf_counter()
        self.latencies_ms: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._due = self.begun
        self._number = 0
        self._chance = random.Random(plan.seed)
        self._make = WORKS[plan.work](plan)

    def take(self) -> tuple[float, bytes] | None:
        """The next request and when it is due; None when the time is over."""
        self._due += self._chance.expovariate(self.plan.rate)
        if max(self._due, perf_counter()) > self.begun + self.plan.seconds:
            return None
        self._number += 1
        return self._due, self._make(self._chance, self._number)

    def note(self, due: float, status: int) -> None:
        """An answer has come."""
        now = perf_counter()
        if self.begun + WARM_SECONDS <= now <= self.begun + self.plan.seconds:
            self.latencies_ms.append((now - due) * 1000)
            self.statuses[str(status)] += 1

    def seen(self) -> Seen:
        """The result."""
        answered = len(self.latencies_ms)
        rate = answered / (self.plan.seconds - WARM_SECONDS)
        return Seen(rate, answered, dict(self.statuses), self.latencies_ms)


class Caller(asyncio.Protocol):
    """One connection that sends the next request as soon as it is due and the last one is answered."""

    def __init__(self, generator: Generator, ended: asyncio.Future[None]) -> None:
        self._generator = generator
        self._ended = ended
        self._parser = httptools.HttpResponseParser(self)
        self._due = 0.0
        self._request = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        """The server ended it."""
        if not self._ended.done():
            self._generator.statuses[f"connection lost: {exc}"] += 1
            self._ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        """The answer is whole."""
        self._generator.note(self._due, self._parser.get_status_code())
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def _next(self) -> None:
        taken = self._generator.take()
        if taken is None:
            if not self._ended.done():
                self._ended.set_result(None)
            return
        self._due, self._request = taken
        wait = self._due - perf_counter()
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._send)
        else:
            self._send()

    def _send(self) -> None:
        if self._transport is not None:
            self._transport.write(self._request)


async def generate(plan: Plan) -> Seen:
    """Carry out a plan."""
    loop = asyncio.get_running_loop()
    generator = Generator(plan)
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(plan.connections)]
    generator.begun = perf_counter()
    made = [
        await loop.create_connection(lambda end=end: Caller(generator, end), "127.0.0.1", plan.port)  # type: ignore[misc]
        for end in ends
    ]
    await asyncio.wait(ends, timeout=plan.seconds + 10)
    for transport, _ in made:
        transport.abort()
    return generator.seen()


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(generate(Plan(**json.load(sys.stdin)))))))
