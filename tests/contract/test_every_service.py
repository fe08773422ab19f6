"""What holds for each of the five services as a process: it migrates, starts, tells its health and stops."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from careline_local.system.addresses import Addresses
from careline_local.system.folders import Folders
from careline_local.system.services import SERVICES, Description, Service, environment
from careline_local.system.vault import Vault
from careline_local.testing.databases import ServiceDatabase

EVERY_SERVICE = pytest.mark.parametrize("description", SERVICES, ids=lambda description: description.name)


@pytest.fixture
def service(
    description: Description,
    service_database: Callable[[str], ServiceDatabase],
    kafka_bootstrap: str,
    topic_prefix: str,
    tmp_path: Path,
) -> Iterator[Service]:
    """The service as a process on a database and a broker of this test."""
    addresses = Addresses.free()
    folders = Folders(tmp_path)
    folders.logs.mkdir()
    settings = environment(
        description,
        addresses=addresses,
        folders=folders,
        vault=Vault(folders.secrets),
        database_url=service_database(description.package).url,
    )
    settings |= {
        f"{description.prefix}KAFKA_BOOTSTRAP": kafka_bootstrap,
        f"{description.prefix}TOPIC_PREFIX": topic_prefix,
    }
    settings = {name: value for name, value in settings.items() if "_MAIL_" not in name}
    service = Service(
        description,
        port=addresses[description.name],
        environment=settings,
        folder=tmp_path,
        log=folders.log(description.name),
    )
    yield service
    service.stop()


def _run(service: Service, word: str, **changed: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        service.command(word),
        env=service.process_environment() | changed,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@EVERY_SERVICE
class TestEveryService:
    def test_migrates_again_without_harm(self, service: Service) -> None:
        # The database of a test has been migrated once.
        ended = _run(service, "migrate")
        assert ended.returncode == 0, ended.stderr

    def test_tells_its_health_and_its_interface_and_stops_when_asked(self, service: Service) -> None:
        service.start()
        with httpx.Client(base_url=service.address) as client:
            assert client.get("/livez").json() == {"status": "live"}
            assert client.get("/readyz").json() == {"status": "ready"}
            assert "careline_request_seconds" in client.get("/metrics").text
            assert client.get("/openapi.json").json()["openapi"].startswith("3.1")
            missing = client.get("/nowhere")
        assert missing.status_code == 404
        assert missing.headers["content-type"] == "application/problem+json"
        assert service.process.pid is not None
        os.kill(service.process.pid, signal.SIGTERM)
        service.stop()
        assert not service.ready()

    def test_is_not_ready_without_its_database_and_lives_on(self, service: Service, description: Description) -> None:
        service.environment[f"{description.prefix}DATABASE_URL"] = "postgresql://nobody:wrong@127.0.0.1:9/none"
        service.process.start(service.command("serve"), environment=service.process_environment())
        with httpx.Client(base_url=service.address, transport=httpx.HTTPTransport(retries=8)) as client:
            assert client.get("/livez").status_code == 200
            answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"

    def test_names_the_setting_that_is_missing(self, description: Description, service: Service) -> None:
        name = f"{description.prefix}DATABASE_URL"
        settings = {key: value for key, value in service.process_environment().items() if key != name}
        ended = subprocess.run(
            [sys.executable, "-m", description.package, "serve"],
            env=settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode != 0
        assert ended.stderr.strip() == f"Cannot start. {name}: is missing, set this environment variable"
