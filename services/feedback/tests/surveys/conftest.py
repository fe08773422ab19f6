"""Surveys without a broker: their handlers are called by the test, which saves two seconds a test."""

from collections.abc import AsyncIterator

import httpx
import pytest

from careline.clock import FixedClock
from careline.testing.issuer import TestIssuer
from careline.testing.running import running
from feedback.app import create_app
from feedback.settings import Settings

from ..conftest import ALL_SCOPES


@pytest.fixture
async def client(settings: Settings, clock: FixedClock, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running feedback service that may do everything."""
    alone = settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:1"})
    async with running(create_app(alone, clock=clock), alone, issuer) as client:
        client.headers.update(issuer.headers("per_tester", scopes=ALL_SCOPES))
        yield client
