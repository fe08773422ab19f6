"""The feedback service with an office in it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from careline.auth import TokenVerifier
from careline.clock import FixedClock
from careline.testing.issuer import TestIssuer
from feedback.app import create_app
from feedback.settings import Settings

from .office import MONDAY, Office, empty_office, furnish


@pytest.fixture
def kafka_bootstrap() -> str:
    """No broker: what is said stays in the outbox, where the tests read it."""
    return "127.0.0.1:1"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
async def office(settings: Settings, issuer: TestIssuer, clock: FixedClock) -> AsyncIterator[Office]:
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        shared: dict[str, Any] = {**(state or {}), "verifier": TokenVerifier(settings, http=issuer.http())}

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(shared)}, receive, send)

        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback.test") as client:
            office = empty_office(shared["service"], client, issuer, clock, shared["complaint_replied"])
            await furnish(office)
            yield office
        await shared["verifier"].close()
