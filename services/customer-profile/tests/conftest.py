"""The profile as it runs, on a database and a broker of its own, with a clock that the test holds."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from careline.clock import FixedClock
from careline.database import Database
from careline.migrations import create_topics
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from careline.testing.running import running
from careline_local.testing.databases import ServiceDatabase
from customer_profile.app import create_app
from customer_profile.events import CATALOGUE
from customer_profile.settings import Settings

ALL_SCOPES = ["profile:read", "profile:write", "profile:resolve", "profile:care", "purchases:write", "imports:write"]
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def settings(
    service_database: Callable[[str], ServiceDatabase], kafka_bootstrap: str, topic_prefix: str, tmp_path: Path
) -> Settings:
    return Settings(
        port=1,
        database_url=service_database("customer_profile").url,
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=topic_prefix,
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_jwks_url="http://127.0.0.1:1/jwks",
        objects_url=f"file://{tmp_path}/objects",
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
    """A client of the running profile that may do everything."""
    await create_topics(settings, CATALOGUE)
    async with running(app, settings, issuer) as client:
        client.headers.update(issuer.headers("per_tester", scopes=ALL_SCOPES))
        yield client


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings, application_name="profile-tests")
    yield database
    await database.close()
