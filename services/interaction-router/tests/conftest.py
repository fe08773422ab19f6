"""A router that runs in the test's loop with a real database, its decider and its jobs."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from careline.auth import TokenVerifier
from careline.testing.issuer import TestIssuer
from careline_local.testing.databases import ServiceDatabase
from interaction_router.app import create_app
from interaction_router.settings import RouterSettings

from .factories import MovingClock, Profile, Router, WithState, make_settings, use_profile


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path) -> RouterSettings:
    return make_settings(service_database("interaction_router").url, tmp_path)


@pytest.fixture
async def router(settings: RouterSettings) -> AsyncIterator[Router]:
    clock, issuer, profile = MovingClock(), TestIssuer(), Profile()
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
