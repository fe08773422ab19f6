"""The customer at a glance: everything for a verified contact, counts and kinds for a claimed one."""

from datetime import date, timedelta

import httpx
import pytest

from careline.clock import FixedClock
from customer_profile.products.warranty import warranty_state

from .factories import MOBILE, a_purchase, post_purchase, some_customer

TODAY = date(2026, 11, 22)


async def wang(client: httpx.AsyncClient) -> str:
    """A customer with a bit of everything."""
    customer = await some_customer(
        client,
        name="王芳",
        flags=[{"code": "complaint_open", "note": "late delivery"}],
        identifiers=[{"type": "phone", "value": MOBILE, "verified": True}, {"type": "email", "value": "w@x.example"}],
    )
    for n in range(5):
        moment = f"2026-10-0{n + 1}T00:00:00Z"
        await post_purchase(client, a_purchase(customer={"id": customer["id"]}, purchased_at=moment))
    product = {"customer_id": customer["id"], "name": "Boiler", "bought_on": "2025-12-01"}
    await client.post("/v1/products", json=product | {"warranty_ends_on": "2026-12-01"})
    for n in range(7):
        note = {"kind": "phone", "occurred_at": f"2026-09-0{n + 1}T00:00:00Z", "text": "rang about the boiler"}
        await client.post(f"/v1/customers/{customer['id']}/timeline", json=note)
    return str(customer["id"])


class TestScreenPop:
    async def test_verified(self, client: httpx.AsyncClient) -> None:
        customer_id = await wang(client)
        pop = (await client.get(f"/v1/customers/{customer_id}/screen-pop", params={"identity": "verified"})).json()
        assert pop["customer"]["name"] == "王芳"
        assert not pop["masked"]
        assert pop["flags"] == [{"code": "complaint_open", "note": "late delivery"}]
        assert [item["purchased_at"][:10] for item in pop["last_purchases"]] == [
            "2026-10-05",
            "2026-10-04",
            "2026-10-03",
        ]
        assert pop["products"][0]["warranty_state"] == "ends_soon"
        assert [item["occurred_at"][:10] for item in pop["contacts"]] == [f"2026-09-0{n}" for n in (7, 6, 5, 4, 3)]
        assert pop["identifiers"][0] | {"id": ""} == {
            "id": "",
            "type": "phone",
            "value_shown": "+86 138 0013 8000",
            "state": "verified",
        }
        assert pop["counts"] == {"purchases": 5, "products": 1, "household": 0, "contacts": {"phone": 7}}

    @pytest.mark.parametrize("params", [{"identity": "claimed"}, {}])
    async def test_claimed_shows_counts_and_kinds_only(self, client: httpx.AsyncClient, params: dict[str, str]) -> None:
        customer_id = await wang(client)
        answer = await client.get(f"/v1/customers/{customer_id}/screen-pop", params=params)
        pop = answer.json()
        assert pop["masked"]
        for secret in ("13800138000", "0013", "w@x.example", "Boiler", "boiler", "Kettle", "late", "19900"):
            assert secret not in answer.text
        assert pop["last_purchases"] == pop["products"] == pop["contacts"] == pop["flags"] == pop["household"] == []
        assert pop["counts"] == {"purchases": 5, "products": 1, "household": 0, "contacts": {"phone": 7}}

    async def test_warranty_follows_the_clock(self, client: httpx.AsyncClient, clock: FixedClock) -> None:
        customer_id = await wang(client)
        clock.advance(timedelta(days=10).total_seconds())
        pop = (await client.get(f"/v1/customers/{customer_id}/screen-pop", params={"identity": "verified"})).json()
        assert pop["products"][0]["warranty_state"] == "ended"
        assert pop["as_of"] == "2026-12-02T12:00:00Z"
        products = (await client.get(f"/v1/customers/{customer_id}/products")).json()
        assert products["items"][0]["warranty_state"] == "ended"

    async def test_unknown(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/customers/cus_01h2xcejqtf2nbrexx3vqjhp41/screen-pop")
        assert answer.status_code == 404


class TestProducts:
    async def test_purchase_of_another_customer(self, client: httpx.AsyncClient) -> None:
        owner, other = await some_customer(client), await some_customer(client)
        purchase = (await post_purchase(client, a_purchase(customer={"id": other["id"]}))).json()
        body = {"customer_id": owner["id"], "name": "Boiler", "purchase_id": purchase["id"]}
        answer = await client.post("/v1/products", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "purchase_id"
        assert (await client.get(f"/v1/customers/{owner['id']}/products")).json()["items"] == []

    async def test_warranty_before_the_purchase(self, client: httpx.AsyncClient) -> None:
        owner = await some_customer(client)
        body = {"customer_id": owner["id"], "name": "x", "bought_on": "2026-01-02", "warranty_ends_on": "2026-01-01"}
        assert (await client.post("/v1/products", json=body)).status_code == 422

    async def test_pages(self, client: httpx.AsyncClient) -> None:
        owner = await some_customer(client)
        for n in range(3):
            await client.post("/v1/products", json={"customer_id": owner["id"], "name": f"p{n}"})
        path = f"/v1/customers/{owner['id']}/products"
        first = (await client.get(path, params={"limit": 2})).json()
        second = (await client.get(path, params={"limit": 2, "cursor": first["next"]})).json()
        assert [item["name"] for item in first["items"] + second["items"]] == ["p2", "p1", "p0"]
        assert second["next"] is None
        assert (await client.get(path, params={"cursor": "WzFd"})).status_code == 422


@pytest.mark.parametrize(
    ("ends_on", "state"),
    [
        (None, "none"),
        (TODAY - timedelta(days=1), "ended"),
        (TODAY, "ends_soon"),
        (TODAY + timedelta(days=30), "ends_soon"),
        (TODAY + timedelta(days=31), "active"),
    ],
)
def test_warranty_state(ends_on: date | None, state: str) -> None:
    assert warranty_state(ends_on, TODAY) == state
