"""Fixtures; see the package for what they are for."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from careline_local.parts import choice
from careline_local.parts.base import MailServer
from careline_local.testing import databases, servers
from careline_local.testing.databases import ServiceDatabase

CARE_ADDRESS = "care@careline.example"


@pytest.fixture(scope="session")
def _run_folder() -> Iterator[Path]:
    with servers.run_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a PostgreSQL superuser on a server for tests."""
    if url := os.environ.get(servers.POSTGRES_VARIABLE):
        yield url
        return
    part = choice.postgresql(request.getfixturevalue("_run_folder") / "postgresql")
    part.start()
    yield part.address
    part.stop()


@pytest.fixture(scope="session")
def kafka_bootstrap(request: pytest.FixtureRequest) -> Iterator[str]:
    """Bootstrap address of a Kafka broker for tests."""
    if address := os.environ.get(servers.KAFKA_VARIABLE):
        yield address
        return
    part = choice.kafka(request.getfixturevalue("_run_folder") / "kafka")
    part.start()
    yield part.address
    part.stop()


@pytest.fixture(scope="session")
def topic_prefix() -> str:
    """Prefix of the topics of this worker, different in every run."""
    return f"test-{uuid4().hex[:8]}-{servers.worker_name()}."


@pytest.fixture(scope="session")
def mail_server(_run_folder: Path) -> Iterator[MailServer]:
    """A mail server of this worker with one mailbox."""
    part = choice.greenmail(_run_folder / "greenmail", mailboxes={CARE_ADDRESS: uuid4().hex})
    part.start()
    yield part
    part.stop()


@pytest.fixture(scope="session")
def _service_databases() -> dict[str, ServiceDatabase]:
    return {}


@pytest.fixture
def service_database(
    postgres_server: str, _service_databases: dict[str, ServiceDatabase]
) -> Iterator[Callable[[str], ServiceDatabase]]:
    """Give the migrated database of a service; its tables are empty at the start of each test.

    It is set up before the fixtures that use it and so ends after them, when the service under test is closed: then
    it empties what it gave. No fixture of a wider scope can have it, so nothing is written behind its back.
    """
    given: dict[str, ServiceDatabase] = {}

    def of_package(package: str) -> ServiceDatabase:
        if package not in _service_databases:
            _service_databases[package] = databases.clone(postgres_server, package)
        given[package] = _service_databases[package]
        return given[package]

    yield of_package
    for database in given.values():
        database.empty()
