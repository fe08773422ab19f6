"""The demo's company: loaded once, the same when loaded again; and a colleague who leaves while a service is away."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from careline_local.demo import load
from careline_local.demo.api import Json, PersonCaller
from careline_local.demo.customers import _months_before
from careline_local.demo.departments import HEADS
from careline_local.system.system import System

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300), pytest.mark.xdist_group("system")]

DIRECTORY, PROFILE = "/api/directory/v1", "/api/profile/v1"


@pytest.fixture(scope="module", autouse=True)
def _loaded(system: System) -> None:
    load(system)


@pytest.fixture
def admin(system: System) -> Iterator[PersonCaller]:
    with closing(PersonCaller(system.addresses.public_url, "admin", system.vault.password("person admin"))) as admin:
        yield admin


def found(admin: PersonCaller, identifier: str) -> Json:
    (summary,) = admin.get(f"{PROFILE}/lookup", identifier=identifier)["items"]
    return admin.get(f"{PROFILE}/customers/{summary['id']}")


def people(admin: PersonCaller) -> dict[str, Json]:
    return {person["login"]: person for person in admin.items(f"{DIRECTORY}/people", limit=100)}


def soon(wanted: Callable[[], bool], *, seconds: float = 60) -> None:
    give_up_at = time.monotonic() + seconds
    while not wanted():
        assert time.monotonic() < give_up_at, "it did not happen in time"
        time.sleep(0.3)


class TestCompany:
    def test_every_department_has_a_head_and_everybody_a_department(self, admin: PersonCaller) -> None:
        known = people(admin)
        departments = {each["key"]: each for each in admin.items(f"{DIRECTORY}/departments")}
        assert {key: each["head_id"] for key, each in departments.items()} == {
            key: known[login]["id"] for key, login in HEADS.items()
        }
        assert known["zhaolei"]["department_id"] == departments["purchasing"]["id"]
        assert (known["zhaolei"]["roles"], known["sunli"]["roles"]) == (["department_head"], ["care_manager"])
        assert known["hejing"]["department_id"] == departments["after_sales"]["id"]

    def test_calendars_know_make_up_days(self, admin: PersonCaller) -> None:
        calendars = {each["key"]: each for each in admin.items(f"{DIRECTORY}/calendars")}
        assert set(calendars) == {"cn-office", "gb-office"}
        assert "2026-02-14" in calendars["cn-office"]["open_on"]
        assert "2026-12-28" in calendars["gb-office"]["closed_on"]

    def test_customers_have_what_care_needs(self, admin: PersonCaller) -> None:
        lin = found(admin, "lin.xiaomei@qinghe.example")
        assert lin["postal_address"]["postcode"] == "200040"
        assert lin["owner_id"] == people(admin)["chenjing"]["id"]
        path = f"{PROFILE}/customers/{lin['id']}"
        assert admin.get(f"{path}/preferences")["quiet_from"] == "21:30"
        assert {each["source"] for each in admin.items(f"{path}/consents")} == {"demo"}
        assert found(admin, "shen.qiuyu@qinghe.example")["birthday"]["leap_month"] is True
        leapling = found(admin, "tomas.herrera@hillview.example")["birthday"]
        assert (leapling["month"], leapling["day"]) == (2, 29)
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        soon_born = found(admin, "meiling.chen@lanyu.example")["birthday"]
        assert (soon_born["month"], soon_born["day"]) in {
            (day.month, day.day) for day in (tomorrow, tomorrow - timedelta(days=1))
        }

    def test_loading_again_changes_nothing(self, system: System, admin: PersonCaller) -> None:
        customers = [found(admin, each) for each in ("lin.xiaomei@qinghe.example", "grace.kim@northgate.example")]
        before = [people(admin), list(admin.items(f"{DIRECTORY}/calendars")), customers]
        load(system)
        again = [found(admin, each) for each in ("lin.xiaomei@qinghe.example", "grace.kim@northgate.example")]
        assert [people(admin), list(admin.items(f"{DIRECTORY}/calendars")), again] == before

    def test_months_before(self) -> None:
        assert _months_before(datetime(2026, 5, 31, tzinfo=UTC), 3) == datetime(2026, 2, 28, tzinfo=UTC)
        assert _months_before(datetime(2026, 1, 15, tzinfo=UTC), 3) == datetime(2025, 10, 15, tzinfo=UTC)


def test_leaving_waits_for_a_service_that_is_away(system: System, admin: PersonCaller) -> None:
    """Kill the profile, let an account manager leave: nothing is lost, and she has left when it is back, not before."""
    known = people(admin)
    leaver, successor = known["anna"]["id"], known["chenjing"]["id"]
    emma = found(admin, "emma.carter@brookfield.example")["id"]
    profile = system.service("customer-profile")
    profile.kill()
    try:
        body = {"successor_id": successor, "note": "Grace Kim buys for twelve offices"}
        leaving = admin.post(f"{DIRECTORY}/people/{leaver}/deactivation", body)
        path = f"{DIRECTORY}/leavings/{leaving['id']}"
        soon(lambda: {each["service"] for each in admin.get(path)["acknowledgements"]} >= {"router", "feedback"})
        time.sleep(2)
        assert admin.get(path)["state"] == "leaving"
        assert people(admin)["anna"]["state"] == "leaving"
    finally:
        profile.start()
    soon(lambda: admin.get(path)["state"] == "left")
    words = {each["service"]: each["moved"] for each in admin.get(path)["acknowledgements"]}
    assert words["profile"] == {"customers": 2}
    assert admin.get(f"{PROFILE}/customers/{emma}")["owner_id"] == successor
