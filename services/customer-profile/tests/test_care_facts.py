"""Care facts: everything that care must know of a customer, in two statements for up to five hundred of them."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from careline.ids import encode, new_id
from customer_profile.care_facts.cadence import LEAST_SPREAD, rhythm, student_t_90

from .factories import a_purchase, post_purchase, some_customer

START = datetime(2026, 1, 1, 10, 0, tzinfo=UTC)


def moments(*days: float) -> list[datetime]:
    return [START + timedelta(days=day) for day in days]


async def facts(client: httpx.AsyncClient, *customer_ids: str) -> list[dict[str, Any]]:
    answer = await client.post("/v1/care-facts", json={"customer_ids": list(customer_ids)})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestFacts:
    async def test_of_somebody_who_said_nothing(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[])
        nothing = {"mail": "none", "sms": "none", "phone": "none", "letter": "none"}
        assert await facts(client, customer["id"]) == [
            {
                "customer_id": customer["id"],
                "version": 1,
                "name": "张伟",
                "salutation": None,
                "language": "zh-CN",
                "tier": "regular",
                "lifecycle": "customer",
                "birthday": None,
                "since_on": "2026-11-22",
                "time_zone": None,
                "quiet_from": None,
                "quiet_to": None,
                "preferred_channel": None,
                "identifiers": {"mail": None, "phone": None},
                "postal_address": None,
                "consents": {"service": nothing, "marketing": nothing, "survey": nothing},
                "cadence": None,
                "warranties": [],
                "owner_id": None,
            }
        ]

    async def test_of_somebody_who_said_a_lot(self, client: httpx.AsyncClient) -> None:
        address = {"lines": ["人民路 1 号", "上海"], "postcode": "200001", "country": "CN"}
        birthday = {"calendar": "lunar", "year": 1987, "month": 6, "day": 7, "leap_month": True}
        identifiers = [
            {"type": "phone", "value": "021-62345678"},
            {"type": "phone", "value": "138 0013 8000"},
            {"type": "email", "value": "first@a.example"},
            {"type": "email", "value": "Zhang.Wei@b.example", "verified": True},
        ]
        customer = await some_customer(client, identifiers=identifiers, birthday=birthday, postal_address=address)
        path = f"/v1/customers/{customer['id']}"
        wanted = {"channel": "mail", "time_zone": "America/New_York", "quiet_from": "21:30", "quiet_to": "08:00"}
        assert (await client.put(f"{path}/preferences", json=wanted)).json() == wanted
        for state in ("granted", "withdrawn"):
            body = {"purpose": "marketing", "channel": "mail", "state": state, "source": "web_form"}
            assert (await client.post(f"{path}/consents", json=body)).status_code == 201
        product = {"customer_id": customer["id"], "name": "Kettle", "warranty_ends_on": "2026-12-20"}
        kettle = (await client.post("/v1/products", json=product)).json()
        await post_purchase(client, a_purchase(customer={"id": customer["id"]}, purchased_at="2026-08-02T01:00:00Z"))

        (found,) = await facts(client, customer["id"])

        assert found["birthday"] == birthday
        assert found["postal_address"] == address
        assert found["identifiers"] == {
            "mail": {"value": "Zhang.Wei@b.example", "state": "verified"},
            "phone": {"value": "+8613800138000", "state": "claimed"},
        }
        assert found["consents"]["marketing"] == {"mail": "withdrawn", "sms": "none", "phone": "none", "letter": "none"}
        assert found["warranties"] == [{"product_id": kettle["id"], "name": "Kettle", "ends_on": "2026-12-20"}]
        assert found["since_on"] == "2026-08-01"  # It was still the first in New York.
        assert (found["preferred_channel"], found["quiet_from"], found["quiet_to"]) == ("mail", "21:30", "08:00")
        reread = (await client.get(path)).json()
        assert found["version"] == reread["version"]
        assert reread["postal_address"] == address

    async def test_cadence(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client)
        for month in (6, 7, 8, 9):
            bought = (
                await post_purchase(
                    client,
                    a_purchase(customer={"id": customer["id"]}, purchased_at=f"2026-{month:02}-03T10:00:00Z"),
                )
            ).json()
        (found,) = await facts(client, customer["id"])
        assert found["cadence"]["purchases"] == 4
        assert found["cadence"]["last_purchase_id"] == bought["id"]
        assert found["cadence"]["typical_gap_days"] == 30.7
        assert found["cadence"]["overdue_at"] > "2026-10-05"

    async def test_unknown_customers_are_left_out(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client)
        found = await facts(client, encode("cus", new_id()), customer["id"])
        assert [item["customer_id"] for item in found] == [customer["id"]]

    async def test_pages_by_id(self, client: httpx.AsyncClient) -> None:
        ids = [(await some_customer(client))["id"] for _ in range(5)]
        seen, after = [], None
        while True:
            page = (
                await client.get("/v1/care-facts", params={"limit": 2} | ({"after": after} if after else {}))
            ).json()
            seen += [item["customer_id"] for item in page["items"]]
            after = page["next"]
            if after is None:
                break
        assert seen == ids

    @pytest.mark.parametrize("body", [{}, {"customer_ids": []}, {"customer_ids": ["per_01h2xcejqtf2nbrexx3vqjhp41"]}])
    async def test_what_is_refused(self, client: httpx.AsyncClient, body: Any) -> None:
        assert (await client.post("/v1/care-facts", json=body)).status_code == 422

    async def test_no_more_than_five_hundred(self, client: httpx.AsyncClient) -> None:
        ids = [encode("cus", new_id()) for _ in range(501)]
        assert (await client.post("/v1/care-facts", json={"customer_ids": ids})).status_code == 422
        assert (await client.post("/v1/care-facts", json={"customer_ids": ids[:500]})).status_code == 200


class TestRhythm:
    def test_needs_four_errands(self) -> None:
        assert rhythm(moments(0, 30, 60)) is None
        assert rhythm(moments(0, 0.5, 30, 60)) is None
        assert rhythm(moments()) is None

    def test_regular_as_a_clock_is_given_a_tenth(self) -> None:
        found = rhythm(moments(0, 30, 60, 90))
        assert found is not None
        assert found.typical_gap_days == 30
        wait = 30 * math.exp(1.886 * LEAST_SPREAD * math.sqrt(4 / 3))
        assert found.overdue_at == START + timedelta(days=90 + wait)

    def test_formula_with_spread(self) -> None:
        gaps = [10, 20, 40]
        found = rhythm(moments(0, 10, 30, 70))
        assert found is not None
        logs = [math.log(gap) for gap in gaps]
        middle = sum(logs) / 3
        spread = math.sqrt(sum((log - middle) ** 2 for log in logs) / 2)
        wait = math.exp(middle + 1.886 * spread * math.sqrt(4 / 3))
        assert abs((found.overdue_at - START).total_seconds() / 86_400 - 70 - wait) < 1e-3
        assert found.typical_gap_days == 20

    def test_two_baskets_of_one_day_are_one_errand(self) -> None:
        assert rhythm(moments(0, 0.2, 30, 30.9, 60, 90)) is not None
        once, twice = rhythm(moments(0, 30, 60, 90)), rhythm(moments(0, 0.9, 30, 60, 90))
        assert once is not None
        assert twice is not None
        assert once.overdue_at == twice.overdue_at

    def test_wild_gaps_stay_within_the_calendar(self) -> None:
        found = rhythm(moments(0, 2, 3000, 3002, 9000))
        assert found is not None
        assert found.overdue_at <= START + timedelta(days=9000 + 3650)

    @pytest.mark.parametrize(
        ("degrees", "published"), [(2, 1.886), (30, 1.310), (40, 1.303), (60, 1.296), (100, 1.290)]
    )
    def test_quantile_is_the_published_one(self, degrees: int, published: float) -> None:
        assert abs(student_t_90(degrees) - published) < 0.001
