"""Makes what the tests of the router need: settings, agents, work, lines."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
from httpx_ws import AsyncWebSocketSession, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport

from careline.auth import TokenVerifier
from careline.ids import decode, encode, new_id
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from interaction_router.app import create_app
from interaction_router.customers.client import Customers, Identifier, Resolution
from interaction_router.events import Channel
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.receive import Arrival, Joined, receive
from interaction_router.settings import RouterSettings
from interaction_router.unit import Units

AGENT_SCOPES = ["desk:use", "profile:read", "board:read"]
SUPERVISOR_SCOPES = [*AGENT_SCOPES, "supervision:read", "interactions:read", "interactions:close", "routing:write"]


class MovingClock:
    """The machine's clock, moved forward by a test."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, **by: float) -> None:
        self._ahead += timedelta(**by)


class Profile:
    """Answers like the profile service, or is away."""

    def __init__(self) -> None:
        self.answer: Resolution | None = None
        self.asked: list[dict[str, Any]] = []
        self.delay_seconds = 0.0

    async def request(
        self, method: str, path: str, *, json: object = None, timeout_seconds: float | None = None
    ) -> httpx.Response:
        assert (method, path) == ("POST", "/v1/resolutions")
        self.asked.append(cast("dict[str, Any]", json))
        request = httpx.Request(method, path)
        if self.answer is None or (timeout_seconds is not None and self.delay_seconds > timeout_seconds):
            raise httpx.ReadTimeout("away", request=request)
        return httpx.Response(200, content=self.answer.model_dump_json(), request=request)

    async def close(self) -> None:
        pass


class WithState:
    """Gives each request and each line the lifespan state, as a server does."""

    def __init__(self, application: Any, state: dict[str, Any]) -> None:
        self._application = application
        self._state = state

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application({**scope, "state": dict(self._state)}, receive, send)


def make_settings(database_url: str, folder: Path, **changed: Any) -> RouterSettings:
    values: dict[str, Any] = {
        "port": 1,
        "database_url": database_url,
        "kafka_bootstrap": "127.0.0.1:1",
        "token_issuer": ISSUER,
        "token_audience": AUDIENCE,
        "token_jwks_url": "http://127.0.0.1:1/jwks",
        "profile_url": "http://127.0.0.1:1",
        "objects_url": f"file://{folder}",
        "presence_return_seconds": 0,
    }
    return RouterSettings(**(values | changed))


async def eventually(check: Callable[[], Awaitable[Any]], *, seconds: float = 15) -> Any:
    """Ask until the answer is true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await check()
        if answer:
            return answer
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not within {seconds} s: {check}")
        await asyncio.sleep(0.02)


@dataclass
class Caller:
    """Somebody with a token."""

    router: "Router"
    subject: str
    headers: dict[str, str]
    token: str

    @property
    def id(self) -> UUID:
        return decode("per", self.subject)

    async def get(self, path: str, **named: Any) -> Any:
        return expect(await self.router.client.get(path, headers=self.headers, **named))

    async def send(self, method: str, path: str, body: Any = None, *, status: int | None = None) -> Any:
        headers = {**self.headers, "Idempotency-Key": str(uuid4())}
        answer = await self.router.client.request(method, path, json=body, headers=headers)
        if status is not None:
            assert answer.status_code == status, answer.text
            return answer.json() if answer.content else None
        return expect(answer)

    async def snapshot(self) -> dict[str, Any]:
        return cast("dict[str, Any]", await self.get("/v1/desk/snapshot"))

    async def be(self, status: str) -> None:
        await self.send("PUT", "/v1/desk/presence", {"status": status})

    async def offer(self) -> dict[str, Any]:
        """The first offer on the desk, as soon as there is one."""

        async def first() -> Any:
            return next(iter((await self.snapshot())["offers"]), None)

        return cast("dict[str, Any]", await eventually(first))

    async def accept(self) -> str:
        """Take the first offer; the interaction's id."""
        offer = await self.offer()
        return cast("str", (await self.send("POST", f"/v1/offers/{offer['id']}/acceptance"))["id"])

    @asynccontextmanager
    async def line(self, after: int | None = None, path: str = "/v1/desk/feed") -> AsyncIterator["Line"]:
        """An open line that has said who is there."""
        async with self.router.connect(path) as socket:
            await socket.send_json({"type": "authenticate", "token": self.token, "after": after})
            yield Line(socket)


@dataclass
class Line:
    """One end of a WebSocket."""

    socket: AsyncWebSocketSession

    async def frame(self, seconds: float = 15) -> dict[str, Any]:
        return cast("dict[str, Any]", await self.socket.receive_json(timeout=seconds))

    async def until(self, kind: str, seconds: float = 15) -> list[dict[str, Any]]:
        """Frames up to the first of a type."""
        frames: list[dict[str, Any]] = []
        async with asyncio.timeout(seconds):
            while not frames or frames[-1]["type"] != kind:
                frames.append(await self.frame())
        return frames


@dataclass
class Router:
    """A running router and how to speak with it."""

    client: httpx.AsyncClient
    application: Any
    settings: RouterSettings
    clock: MovingClock
    issuer: TestIssuer
    profile: Profile
    state: dict[str, Any]

    @property
    def units(self) -> Units:
        return cast("Units", self.state["units"])

    def caller(self, scopes: list[str], *, subject: str | None = None, name: str = "Li Na") -> Caller:
        subject = subject or encode("per", new_id())
        token = self.issuer.token(subject, scopes=scopes, name=name)
        return Caller(self, subject, {"Authorization": f"Bearer {token}"}, token)

    def supervisor(self) -> Caller:
        return self.caller(SUPERVISOR_SCOPES, name="Boss")

    async def agent(
        self, *skills: str, status: str | None = "available", mail: int = 3, chat: int = 2, name: str = "Li Na"
    ) -> Caller:
        """An agent at her desk."""
        agent = self.caller(AGENT_SCOPES, name=name)
        await agent.snapshot()
        body = {
            "skills": [{"skill": skill, "level": 3} for skill in skills],
            "capacity": {"mail": mail, "chat": chat},
        }
        await self.supervisor().send("PUT", f"/v1/agents/{agent.subject}/skills", body)
        if status:
            await agent.be(status)
        return agent

    async def queue(self, key: str = "mail", *skills: str, **changed: Any) -> dict[str, Any]:
        body = {
            "name": key.title(),
            "required_skills": [{"skill": skill, "level": 2} for skill in skills],
            "offer_timeout_seconds": 20,
            "channels": ["mail"],
            **changed,
        }
        return cast("dict[str, Any]", await self.supervisor().send("PUT", f"/v1/queues/{key}", body))

    async def disposition(self, code: str = "solved") -> None:
        body = {"label": {"zh-CN": "已解决", "en": "Solved"}}
        await self.supervisor().send("PUT", f"/v1/dispositions/{code}", body)

    async def arrive(
        self,
        contact: str = "li.wei@customer.example",
        text: str = "The tap drips.",
        *,
        queue: str = "mail",
        channel: Channel = "mail",
        external_id: str | None = None,
        resolution: Resolution | None = None,
    ) -> Joined:
        """A customer writes."""
        identifier = Identifier("email", contact, proven=False)
        arrival = Arrival(channel, contact, queue, "Tap", "Li Wei", identifier=identifier, resolution=resolution)
        async with self.units.begin() as unit:
            message = NewMessage(
                channel=channel,
                kind="inbound",
                author_kind="customer",
                author_name="Li Wei",
                text=text,
                sent_at=unit.now,
                external_id=external_id,
            )
            return await receive(unit, arrival, message)

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        async with self.units.database.write_raw() as connection:
            return list(await connection.fetch(sql, *arguments))

    async def value(self, sql: str, *arguments: Any) -> Any:
        return (await self.fetch(sql, *arguments))[0][0]

    async def events(self, aggregate_id: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        rows = await self.fetch(
            "SELECT type, payload::text AS payload FROM outbox WHERE $1::text IS NULL OR aggregateid = $1 "
            "ORDER BY aggregateid, sequence",
            aggregate_id,
        )
        return [(row["type"], json.loads(row["payload"])["data"]) for row in rows]

    @asynccontextmanager
    async def connect(self, path: str) -> AsyncIterator[AsyncWebSocketSession]:
        transport = ASGIWebSocketTransport(self.application)
        socket: AsyncWebSocketSession
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://router.test") as client,
            aconnect_ws(path, client, keepalive_ping_interval_seconds=None) as socket,
        ):
            yield socket


@asynccontextmanager
async def open_router(settings: RouterSettings, clock: MovingClock, issuer: TestIssuer) -> AsyncIterator[Router]:
    """A router on the database of the settings, until the end of the block."""
    profile = Profile()
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        shared: dict[str, Any] = dict(state or {})
        shared["verifier"] = TokenVerifier(settings, http=issuer.http())
        use_profile(shared, profile)
        application = WithState(app, shared)
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://router.test") as client:
            yield Router(client, application, settings, clock, issuer, profile, shared)
        await shared["verifier"].close()


def use_profile(state: dict[str, Any], profile: Profile) -> None:
    """Let the router ask this profile."""
    customers = cast("Customers", state["customers"])
    customers._client = profile


def expect(answer: httpx.Response) -> Any:
    """The body of an answer that says yes."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None
