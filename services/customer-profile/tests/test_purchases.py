"""Purchases are recorded once, whatever is repeated."""

import asyncio
from typing import Any

import httpx
import pytest

from careline.database import Database

from .factories import MOBILE, a_purchase, post_purchase, some_customer
from .test_customers import told

PHONE = {"type": "phone", "value": MOBILE}


async def purchases_kept(database: Database) -> int:
    async with database.read_raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM purchases"))


class TestRecord:
    async def test_effects_commit_together(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client, identifiers=[PHONE])
        answer = await post_purchase(client, a_purchase(customer={"id": customer["id"]}))
        assert answer.status_code == 201
        purchase = answer.json()
        assert purchase["purchased_at"] == "2026-11-01T02:00:00Z"
        listed = (await client.get(f"/v1/customers/{customer['id']}/purchases")).json()
        assert listed == {"items": [purchase], "next": None}
        timeline = (await client.get(f"/v1/customers/{customer['id']}/timeline")).json()
        assert timeline["items"][0]["facts"] == {
            "purchase_id": purchase["id"],
            "total_minor": 19900,
            "currency": "CNY",
            "items": 1,
        }
        assert await told(database, customer["id"]) == [
            (1, "customer.registered"),
            (2, "customer.identifier_added"),
            (3, "customer.purchase_recorded"),
        ]

    async def test_event_says_its_own_sequence(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        await post_purchase(client, a_purchase(customer={"id": customer["id"]}))
        async with database.read_raw() as connection:
            rows = await connection.fetch(
                "SELECT sequence, (payload->>'sequence')::bigint FROM "
                "(SELECT sequence, payload FROM outbox UNION ALL SELECT sequence, payload FROM outbox_archive) e"
            )
        assert rows
        assert all(sequence == said for sequence, said in rows)

    async def test_lead_who_buys_is_a_customer(self, client: httpx.AsyncClient) -> None:
        lead = await some_customer(client, lifecycle="lead")
        await post_purchase(client, a_purchase(customer={"id": lead["id"]}))
        assert (await client.get(f"/v1/customers/{lead['id']}")).json()["lifecycle"] == "customer"

    async def test_unknown_buyer_becomes_a_customer(self, client: httpx.AsyncClient) -> None:
        answer = await post_purchase(client, a_purchase(customer={"identifier": PHONE}))
        customer = (await client.get(f"/v1/customers/{answer.json()['customer_id']}")).json()
        assert customer["lifecycle"] == "customer"
        assert customer["identifiers"][0]["source"] == "partner"
        assert customer["identifiers"][0]["state"] == "claimed"

    async def test_shared_land_line_names_no_buyer(self, client: httpx.AsyncClient, database: Database) -> None:
        line = {"type": "phone", "value": "010-88888888"}
        await some_customer(client, identifiers=[line])
        answer = await post_purchase(client, a_purchase(customer={"identifier": line}))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "customer.identifier.value"
        assert await purchases_kept(database) == 0

    async def test_unknown_customer(self, client: httpx.AsyncClient, database: Database) -> None:
        unknown = {"id": "cus_01h2xcejqtf2nbrexx3vqjhp41"}
        answer = await post_purchase(client, a_purchase(customer=unknown), key="k")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "customer.id"
        customer = await some_customer(client)
        again = await post_purchase(client, a_purchase(customer={"id": customer["id"]}), key="k")
        assert again.status_code == 201, "a refused request must not use up its key"
        assert await purchases_kept(database) == 1


class TestRepeat:
    async def test_twins_under_one_key(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        body = a_purchase(customer={"id": customer["id"]})
        answers = await asyncio.gather(*(post_purchase(client, body, "k") for _ in range(40)))
        assert {answer.status_code for answer in answers} == {201}
        assert {answer.text for answer in answers} == {answers[0].text}
        assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 39
        assert await purchases_kept(database) == 1
        assert len(await told(database, customer["id"])) == 3

    async def test_same_purchase_under_other_keys(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        body = a_purchase(customer={"id": customer["id"]})
        answers = await asyncio.gather(*(post_purchase(client, body, f"k{n}") for n in range(20)))
        assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
        assert {answer.text for answer in answers} == {answers[0].text}
        assert await purchases_kept(database) == 1

    async def test_other_body_under_the_key(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        body = a_purchase(customer={"id": customer["id"]})
        await post_purchase(client, body, "k")
        answer = await post_purchase(client, body | {"total_minor": 1}, "k")
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:careline:problem:idempotency-key-reused"
        assert await purchases_kept(database) == 1

    async def test_other_purchase_under_the_external_id(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client)
        body = a_purchase(customer={"id": customer["id"]})
        first = await post_purchase(client, body)
        answer = await post_purchase(client, body | {"total_minor": 1})
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:careline:problem:purchase-differs"
        assert answer.json()["purchase_id"] == first.json()["id"]

    async def test_sources_do_not_share_external_ids(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        body = a_purchase(customer={"id": customer["id"]})
        for source in ("shop", "market", None):
            assert (await post_purchase(client, body | {"source": source})).status_code == 201
        assert await purchases_kept(database) == 3

    async def test_parallel_purchases_of_one_customer_have_every_number_once(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        customer = await some_customer(client, identifiers=[])
        bodies = [a_purchase(customer={"id": customer["id"]}) for _ in range(40)]
        answers = await asyncio.gather(*(post_purchase(client, body) for body in bodies))
        assert {answer.status_code for answer in answers} == {201}
        assert [sequence for sequence, _ in await told(database, customer["id"])] == list(range(1, 42))


class TestRefuse:
    @pytest.mark.parametrize(
        "change",
        [
            {"colour": "red"},
            {"total_minor": 10**400},
            {"total_minor": 19.9},
            {"total_minor": "1"},
            {"currency": "yuan"},
            {"purchased_at": "2026-11-01T10:00:00"},
            {"purchased_at": "9999-12-31T23:59:59Z"},
            {"external_id": "a\x00b"},
            {"external_id": ""},
            {"source": "no spaces"},
            {"customer": {}},
            {"customer": {"identifier": {"type": "phone", "value": "no"}}},
            {"items": [{"name": "x", "quantity": 0, "amount_minor": 1}]},
            {"items": None},
        ],
    )
    async def test_names_the_field(self, client: httpx.AsyncClient, change: dict[str, Any]) -> None:
        answer = await post_purchase(client, a_purchase(customer={"identifier": PHONE}) | change)
        assert answer.status_code == 422, answer.text
        (error, *_) = answer.json()["errors"]
        assert error["field"].split(".")[0] == next(iter(change))
        assert error["rule"]
        assert error["hint"]

    async def test_lone_surrogate(self, client: httpx.AsyncClient) -> None:
        raw = b'{"external_id":"\\ud800","\\ud801":1}'
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
        answer = await client.post("/v1/purchases", content=raw, headers=headers)
        assert answer.status_code == 422

    async def test_without_key(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/purchases", json=a_purchase(customer={"identifier": PHONE}))
        assert answer.status_code == 400

    async def test_too_large(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
        answer = await client.post("/v1/purchases", content=b"x" * (2 << 20), headers=headers)
        assert answer.status_code == 413


class TestRead:
    async def test_pages_hold_everything_once(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client)
        for n in range(7):
            moment = f"2026-10-0{1 + n % 3}T00:00:00Z"
            await post_purchase(client, a_purchase(customer={"id": customer["id"]}, purchased_at=moment))
        path, seen, cursor = f"/v1/customers/{customer['id']}/purchases", [], None
        while True:
            params: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(path, params=params)).json()
            seen += page["items"]
            cursor = page["next"]
            if cursor is None:
                break
        assert len({item["id"] for item in seen}) == 7
        moments = [item["purchased_at"] for item in seen]
        assert moments == sorted(moments, reverse=True)

    @pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "WyIyMDI2LTAxLTAxIiwicHVyXzEiXQ", "é"])
    async def test_cursor_that_is_none(self, client: httpx.AsyncClient, cursor: str) -> None:
        customer = await some_customer(client)
        answer = await client.get(f"/v1/customers/{customer['id']}/purchases", params={"cursor": cursor})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "cursor"
