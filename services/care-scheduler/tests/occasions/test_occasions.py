"""Occasions over HTTP, and what is planned after they change."""

from typing import Any

import httpx
import pytest

from care_scheduler.app import create_app
from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.testing.issuer import TestIssuer
from careline.testing.running import running

from ..planning import Plans, solar

PERSON = "per_01h2xcejqtf2nbrexx3vqjhp41"
RULES: dict[str, Any] = {
    "send_time": "10:00:00",
    "lead_days": 0,
    "valid_hours": 12,
    "leap_month_policy": "ordinary",
    "day_30_policy": "day_29",
    "feb_29_policy": "feb_28",
    "customers_only": False,
    "active": True,
}


@pytest.fixture
async def desk(plans: Plans, settings: Settings, clock: FixedClock) -> Any:
    """A care manager's client; the loops of the service find neither broker nor profile."""
    issuer = TestIssuer()
    async with running(create_app(settings, clock=clock), settings, issuer) as client:
        client.headers.update(issuer.headers(PERSON, scopes=["care:read", "care:write"]))
        yield client


async def change(desk: httpx.AsyncClient, key: str, **rules: Any) -> httpx.Response:
    seen = await desk.get(f"/v1/occasions/{key}")
    return await desk.put(f"/v1/occasions/{key}", json=RULES | rules, headers={"If-Match": seen.headers["ETag"]})


async def test_all_occasions_are_shown_with_the_end_of_their_calendar(desk: httpx.AsyncClient) -> None:
    answer = await desk.get("/v1/occasions")

    found = {item["key"]: item for item in answer.json()["items"]}
    assert len(found) == 10
    assert found["great_cold"]["calendar_known_through"] == "2040-12-21"
    assert found["birthday"]["calendar_known_through"] == "2100-02-08"
    assert found["warranty_ending"]["calendar_known_through"] is None
    assert found["birthday"]["send_time"] == "10:00:00"


async def test_a_change_names_the_version_that_it_was_made_on(desk: httpx.AsyncClient) -> None:
    assert (await desk.put("/v1/occasions/birthday", json=RULES)).status_code == 428
    stale = await desk.put("/v1/occasions/birthday", json=RULES, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    changed = await change(desk, "birthday", send_time="09:30")
    assert changed.status_code == 200, changed.text
    assert changed.json()["version"] == 2


@pytest.mark.parametrize(
    "rules",
    [
        {"send_time": "10:00:30"},
        {"send_time": "25:00"},
        {"send_time": "10:00+08:00"},
        {"lead_days": -1},
        {"valid_hours": 0},
        {"leap_month_policy": "never"},
        {"purpose": "service"},
    ],
)
async def test_rules_that_make_no_sense_are_refused(desk: httpx.AsyncClient, rules: dict[str, Any]) -> None:
    assert (await change(desk, "birthday", **rules)).status_code == 422


async def test_an_occasion_that_does_not_exist(desk: httpx.AsyncClient) -> None:
    assert (await desk.get("/v1/occasions/black_friday")).status_code == 422


async def test_reading_needs_a_right_and_changing_another(desk: httpx.AsyncClient, settings: Settings) -> None:
    desk.headers.pop("Authorization")
    assert (await desk.get("/v1/occasions")).status_code == 401


async def test_a_new_time_moves_what_is_planned(desk: httpx.AsyncClient, plans: Plans) -> None:
    customer = await plans.customer(birthday=solar(11, 25))
    await plans.plan()

    await change(desk, "birthday", send_time="18:15", valid_hours=3)
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-25 10:15", "planned")]
    (item,) = await plans.items(customer)
    assert f"{item['not_after']:%H:%M}" == "13:15"


async def test_an_occasion_that_is_switched_off_is_withdrawn_and_comes_back(
    desk: httpx.AsyncClient, plans: Plans
) -> None:
    customer = await plans.customer(birthday=solar(11, 25))
    await plans.plan()

    await change(desk, "birthday", active=False)
    await plans.plan()
    off = await plans.due(customer, "birthday")
    await plans.set_clock("2026-11-24T04:00+00:00")
    missed = await plans.customer(birthday=solar(11, 23))
    await plans.plan()
    await change(desk, "birthday", active=True)
    await plans.plan()

    assert off == []
    assert await plans.due(customer, "birthday") == [("2026", "2026-11-25 02:00", "planned")]
    assert await plans.due(missed, "birthday") == []


async def test_a_policy_is_data(desk: httpx.AsyncClient, plans: Plans) -> None:
    await plans.set_clock("2027-02-24T00:00+00:00")
    customer = await plans.customer(birthday=solar(2, 29))
    await plans.plan()
    usual = await plans.due(customer, "birthday")

    await change(desk, "birthday", feb_29_policy="mar_1")
    await plans.plan()

    assert usual == [("2027", "2027-02-28 02:00", "planned")]
    assert await plans.due(customer, "birthday") == [("2027", "2027-03-01 02:00", "planned")]


async def test_a_calendar_that_ends_plans_nothing_and_says_so(plans: Plans) -> None:
    await plans.set_clock("2041-01-15T00:00+00:00")
    customer = await plans.customer()

    await plans.plan()

    assert await plans.due(customer, "great_cold") == []
