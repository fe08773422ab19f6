"""Directory, profile and router in miniature: a real HTTP server that answers what feedback asks of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from careline_local.parts.ports import free_port


@dataclass
class Neighbours:
    """What they know; `away` makes both of them answer 503."""

    port: int = field(default_factory=free_port)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    found: list[dict[str, Any]] = field(default_factory=list)
    # What the profile makes of contacts whom nobody has: their address, and the customer.
    leads: dict[str, str] = field(default_factory=dict)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def knows(self, customer_id: str, *, tier: str = "regular", language: str = "zh-CN") -> None:
        """The profile knows this customer."""
        self.customers[customer_id] = {"id": customer_id, "tier": tier, "language": language, "name": "李伟"}


@asynccontextmanager
async def neighbours_running() -> AsyncIterator[Neighbours]:
    """The server, until the block ends."""
    neighbours = Neighbours()
    config = uvicorn.Config(
        _application(neighbours), port=neighbours.port, log_level="error", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield neighbours
    finally:
        server.should_exit = True
        await serving


def _application(neighbours: Neighbours) -> Starlette:
    async def token(_: Request) -> Response:
        return JSONResponse({"access_token": "token", "token_type": "Bearer", "expires_in": 300})

    async def customer(request: Request) -> Response:
        return _answer(request.path_params["id"], neighbours.customers)

    async def lookup(_: Request) -> Response:
        return Response(status_code=503) if neighbours.away else JSONResponse({"items": neighbours.found})

    async def resolution(request: Request) -> Response:
        (given,) = (await request.json())["identifiers"]
        assert given["proven"] is False, "nobody has proven anything"
        if neighbours.away:
            return Response(status_code=503)
        return JSONResponse({"customer_id": neighbours.leads.get(given["value"])})

    async def text(request: Request) -> Response:
        message_id = request.path_params["id"]
        texts = {key: {"message_id": key, "text": value} for key, value in neighbours.texts.items()}
        return _answer(message_id, texts)

    def _answer(key: str, known: dict[str, dict[str, Any]]) -> Response:
        neighbours.asked.append(key)
        if neighbours.away:
            return Response(status_code=503)
        return JSONResponse(known[key]) if key in known else Response(status_code=404)

    return Starlette(
        routes=[
            Route("/oauth/token", token, methods=["POST"]),
            Route("/v1/customers/{id}", customer),
            Route("/v1/lookup", lookup),
            Route("/v1/resolutions", resolution, methods=["POST"]),
            Route("/v1/messages/{id}/text", text),
        ]
    )
