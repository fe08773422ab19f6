"""The whole system starts from nothing, keeps its data over stop and kill, and stops what it started."""

import json

import asyncpg
import httpx
import psutil
import pytest

from careline_local.system.services import SERVICES
from careline_local.system.status import memory
from careline_local.system.system import System
from careline_local.testing.databases import run

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]


def test_every_service_answers_behind_one_origin(system: System) -> None:
    for service in SERVICES:
        answer = httpx.get(f"{system.addresses.public_url}{service.path}/openapi.json")
        assert (service.name, answer.status_code) == (service.name, 200)


def test_the_admin_signs_in_with_the_generated_password(system: System) -> None:
    person = {"login": "admin", "password": system.vault.password("person admin")}
    answer = httpx.post(f"{system.addresses.public_url}/api/directory/v1/session", json=person)
    assert answer.status_code == 200
    assert "Path=/api/directory" in answer.headers["set-cookie"]


def test_a_killed_service_is_named_and_comes_back(system: System) -> None:
    service = system.service("feedback")
    service.kill()
    answer = httpx.get(f"{system.addresses.public_url}/api/feedback/livez")
    assert (answer.status_code, answer.json()["service"]) == (503, "feedback")
    service.start()
    assert httpx.get(f"{system.addresses.public_url}/api/feedback/livez").status_code == 200


def test_no_service_may_look_into_the_database_of_another(system: System) -> None:
    url = system.service("feedback").environment["FEEDBACK_DATABASE_URL"]
    assert "feedback" in url
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for database"):
        run(asyncpg.connect(url.removesuffix("/feedback") + "/profile"))


def test_fits_into_memory(system: System) -> None:
    assert sum(memory(system.folders).values()) < 2000


def test_a_start_after_a_stop_finds_its_data_and_leaves_nothing_running(system: System) -> None:
    before = httpx.get(f"{system.addresses.public_url}/api/directory/.well-known/jwks.json").json()
    system.stop()
    assert not list(system.folders.data.glob("**/process.json"))
    again = System(system.folders, system.addresses, with_page=False)
    try:
        again.start()
        pids = [json.loads(path.read_text())["pid"] for path in system.folders.data.glob("**/process.json")]
        assert httpx.get(f"{again.addresses.public_url}/api/directory/.well-known/jwks.json").json() == before
    finally:
        again.stop()
    assert not any(psutil.pid_exists(pid) for pid in pids)
