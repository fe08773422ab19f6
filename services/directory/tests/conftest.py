"""A directory that runs in the test's loop and verifies its own tokens through its own key set."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from careline.auth import TokenVerifier
from careline_local.testing.databases import ServiceDatabase
from directory.app import create_app
from directory.settings import Settings

from .factories import CLIENT_ADDRESS, Directory, MovingClock, make_settings

Start = Callable[[Settings], AbstractAsyncContextManager[Directory]]


@pytest.fixture
def database_url(service_database: Callable[[str], ServiceDatabase]) -> str:
    return service_database("directory").url


@pytest.fixture
def settings(database_url: str) -> Settings:
    return make_settings(database_url)


@pytest.fixture
def start() -> Start:
    """Runs a directory with the given settings."""
    return _running


@pytest.fixture
async def directory(settings: Settings) -> AsyncIterator[Directory]:
    async with _running(settings) as running:
        yield running


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[Directory]:
    clock = MovingClock()
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        shared: dict[str, Any] = dict(state or {})

        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(shared)}, receive, send)

        transport = httpx.ASGITransport(with_state, raise_app_exceptions=False, client=(CLIENT_ADDRESS, 1))
        own_keys = httpx.AsyncClient(transport=transport)
        shared["verifier"] = TokenVerifier(settings, http=own_keys)
        async with own_keys, httpx.AsyncClient(transport=transport, base_url="http://directory.test") as client:
            yield Directory(client, settings, clock, shared)
