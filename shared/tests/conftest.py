"""A small service made of nothing but the library: things that can be put and counted."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from careline.app import Parts, create_service, service_of
from careline.auth import Principal, requires
from careline.clock import SystemClock
from careline.database import Database, WriteConnectionDep, WriteSessionDep
from careline.idempotency import Idempotency
from careline.migrations import create_topics
from careline.query import OPEN_QUERY
from careline.settings import ServiceSettings
from careline.statements import execute
from careline.testing.issuer import AUDIENCE, ISSUER, TestIssuer
from careline.testing.running import running
from careline_local.testing.databases import ServiceDatabase

from .things import CATALOGUE, ThingMade


class ThingInput(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    number: int = Field(ge=0)


class Thing(BaseModel):
    name: str
    number: int


router = APIRouter(prefix="/v1/things")


@router.post("", status_code=201)
async def make(
    body: ThingInput,
    principal: Annotated[Principal, requires("things:write")],
    once: Idempotency,
    connection: WriteConnectionDep,
    request: Request,
    unit: str = "piece",
) -> Thing:
    """Make a thing once."""
    assert unit

    async def work() -> Thing:
        await connection.execute("INSERT INTO things (name, number) VALUES ($1, $2)", body.name, body.number)
        service = service_of(request)
        await service.outbox.append(
            connection,
            ThingMade(number=body.number),
            aggregate_id=body.name,
            sequence=body.number,
            occurred_at=service.clock.now(),
        )
        return Thing(name=body.name, number=body.number)

    return await once.run(connection, principal.subject, work)


@router.get("")
async def find(name: str = "", numbers: Annotated[list[int] | None, Query()] = None) -> list[int]:
    """Answer with what was asked for."""
    return numbers or [len(name)]


@router.get("/open", openapi_extra=OPEN_QUERY)
async def find_with_anything() -> str:
    """Answer whatever a link has been given on its way."""
    return "found"


@router.post("/fragile", status_code=201)
async def make_with_failing_commit(body: ThingInput, session: WriteSessionDep) -> Thing:
    """Break a rule that the database checks only at the commit."""
    await execute(session, "INSERT INTO things (name, number) VALUES ($1, $2)", body.name, -1)
    return Thing(name=body.name, number=body.number)


@pytest.fixture
def settings(
    service_database: Callable[[str], ServiceDatabase], kafka_bootstrap: str, topic_prefix: str
) -> ServiceSettings:
    return ServiceSettings(
        port=1,
        database_url=service_database("feedback").url,
        kafka_bootstrap=kafka_bootstrap,
        topic_prefix=topic_prefix,
        token_issuer=ISSUER,
        token_audience=AUDIENCE,
        token_jwks_url="http://127.0.0.1:1/jwks",
    )


@pytest.fixture
async def database(settings: ServiceSettings) -> AsyncIterator[Database]:
    database = Database(settings, application_name="library-tests")
    async with database.write_raw() as connection:
        await connection.execute(
            """
            CREATE TABLE IF NOT EXISTS things (name text NOT NULL, number bigint NOT NULL);
            CREATE OR REPLACE FUNCTION refuse_negative() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.number < 0 THEN RAISE EXCEPTION 'negative' USING ERRCODE = '23514'; END IF;
                RETURN NULL;
            END $$;
            DROP TRIGGER IF EXISTS refuse_negative_at_commit ON things;
            CREATE CONSTRAINT TRIGGER refuse_negative_at_commit AFTER INSERT ON things
                DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_negative();
            """
        )
    yield database
    await database.close()


@pytest.fixture
def issuer() -> TestIssuer:
    return TestIssuer()


@pytest.fixture
def app(settings: ServiceSettings) -> FastAPI:
    return create_service(settings, Parts(title="Things", routers=[router], catalogue=CATALOGUE))


@pytest.fixture
async def client(
    app: FastAPI, settings: ServiceSettings, issuer: TestIssuer, database: Database
) -> AsyncIterator[httpx.AsyncClient]:
    await create_topics(settings, CATALOGUE)
    async with running(app, settings, issuer) as client:
        client.headers.update(issuer.headers("per_tester", scopes=["things:write"]))
        yield client


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()
