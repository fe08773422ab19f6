"""Feedback as it runs, on a database and a broker of its own, with a clock that the test holds."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from careline.clock import FixedClock
from careline.database import Database
from careline.migrations import create_topics
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from careline.testing.running import running
from careline_local.testing.databases import ServiceDatabase
from feedback.app import create_app
from feedback.events import CATALOGUE
from feedback.settings import Settings

from .neighbours import Neighbours, neighbours_running

ALL_SCOPES = ["surveys:read", "surveys:write", "feedback:contents", "desk:use", "complaints:work", "complaints:manage"]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
async def neighbours() -> AsyncIterator[Neighbours]:
    """Directory, profile and router as feedback sees them."""
    async with neighbours_running() as neighbours:
        yield neighbours


@pytest.fixture
def settings(
    service_database: Callable[[str], ServiceDatabase],
    kafka_bootstrap: str,
    topic_prefix: str,
    neighbours: Neighbours,
) -> Settings:
    return Settings(
        port=1,
        database_url=service_database("feedback").url,
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=topic_prefix,
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_jwks_url="http://127.0.0.1:1/jwks",
        token_url=f"{neighbours.url}/oauth/token",
        client_id="feedback",
        client_secret="only for tests",
        profile_url=neighbours.url,
        router_url=neighbours.url,
        link_key="only for tests, only for tests, only for tests",
    )


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def app(settings: Settings, clock: FixedClock) -> FastAPI:
    return create_app(settings, clock=clock)


@pytest.fixture
async def client(app: FastAPI, settings: Settings, issuer: TestIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running feedback service that may do everything."""
    await create_topics(settings, CATALOGUE)
    async with running(app, settings, issuer) as client:
        client.headers.update(issuer.headers("per_tester", scopes=ALL_SCOPES))
        yield client


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings, application_name="feedback-tests")
    yield database
    await database.close()
