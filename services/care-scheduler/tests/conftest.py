"""The care scheduler's database, a clock that the test holds, and the service as it runs."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from care_scheduler import app as application
from care_scheduler.events import CATALOGUE
from care_scheduler.plans.planner import Planner
from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.database import Database
from careline.migrations import create_topics
from careline.outbox import Outbox
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from careline.testing.running import running
from careline.wakeups import Wakeup
from careline_local.testing.databases import ServiceDatabase

from .factories import ALL_SCOPES, House, ToldFeedback, ToldProfile
from .factories import NOW as TEN_IN_THE_MORNING
from .planning import Plans

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase]) -> Settings:
    """Settings of a scheduler whose neighbours are away."""
    return Settings(
        port=1,
        database_url=service_database("care_scheduler").url,
        kafka_bootstrap="127.0.0.1:1",
        topic_prefix="test.",
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_jwks_url="http://127.0.0.1:1/jwks",
        token_url="http://127.0.0.1:1/token",
        client_id="care",
        client_secret="a secret of the tests",
        profile_url="http://127.0.0.1:1",
        feedback_url="http://127.0.0.1:1",
        unsubscribe_key="k" * 32,
    )


@pytest.fixture
def kafka_settings(settings: Settings, kafka_bootstrap: str, topic_prefix: str) -> Settings:
    """The same with a broker."""
    return settings.model_copy(update={"kafka_bootstrap": kafka_bootstrap, "topic_prefix": topic_prefix})


@pytest.fixture
async def topics(kafka_settings: Settings) -> None:
    """The topics that care writes."""
    await create_topics(kafka_settings, CATALOGUE)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(settings, application_name="care-tests")
    yield database
    await database.close()


@pytest.fixture
def plans(database: Database, clock: FixedClock) -> Plans:
    """A planner that plans when the test says so."""
    return Plans(
        database,
        clock,
        Planner(database, Outbox(CATALOGUE), real=clock, business=clock, changed=Wakeup(), planned=Wakeup()),
    )


@pytest.fixture
async def house(settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """The running care scheduler; the profile and feedback are told by the test, and `client` may do everything."""
    profile, feedback = ToldProfile(), ToldFeedback()
    monkeypatch.setattr(application, "Profile", lambda *_: profile)
    monkeypatch.setattr(application, "Feedback", lambda *_: feedback)
    clock, issuer = FixedClock(TEN_IN_THE_MORNING), TestIssuer()
    app = application.create_app(settings, clock=clock)
    async with running(app, settings, issuer) as client:
        client.headers.update(issuer.headers("per_tester", scopes=ALL_SCOPES))
        yield House(database, clock, profile, feedback, client, issuer)
