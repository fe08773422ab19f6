"""Runs an application in the test's own event loop, with its lifespan and its background loops."""

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI

from careline.auth import TokenVerifier
from careline.settings import ServiceSettings
from careline.testing.issuer import TestIssuer


@asynccontextmanager
async def running(app: FastAPI, settings: ServiceSettings, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running application, which trusts `issuer`. Exceptions become answers as in production."""
    async with app.router.lifespan_context(app) as state:
        assert state is not None  # noqa: S101 -- create_service yields a state
        shared = dict(state)
        verifier = TokenVerifier(settings, http=issuer.http())
        shared["verifier"] = verifier
        transport = httpx.ASGITransport(app=_WithState(app, shared), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
            yield client
        await verifier.close()


class _WithState:
    """Gives each request the lifespan state, as a server does."""

    def __init__(self, app: FastAPI, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        await self._app({**scope, "state": dict(self._state)}, receive, send)
