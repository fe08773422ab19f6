"""Registering, reading and changing customers, and their identifiers and households."""

import asyncio
from typing import Any

import httpx
import pytest

from careline.database import Database

from .factories import MOBILE, some_customer

PHONE = {"type": "phone", "value": MOBILE}


class TestRegister:
    async def test_keeps_what_was_typed_beside_its_one_spelling(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[{"type": "phone", "value": "0086 138-0013-8000"}])
        (phone,) = customer["identifiers"]
        assert phone["value"] == "+8613800138000"
        assert phone["typed"] == "0086 138-0013-8000"
        assert phone["state"] == "claimed"
        assert phone["source"] == "staff"

    async def test_events_are_numbered_by_the_version(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client, identifiers=[PHONE, {"type": "email", "value": "a@b.example"}])
        assert customer["version"] == 3
        assert await told(database, customer["id"]) == [
            (1, "customer.registered"),
            (2, "customer.identifier_added"),
            (3, "customer.identifier_added"),
        ]

    async def test_events_hold_no_personal_data(self, client: httpx.AsyncClient, database: Database) -> None:
        await some_customer(client, name="Unmistakable", identifiers=[PHONE])
        async with database.read_raw() as connection:
            payloads = " ".join(row[0] for row in await connection.fetch(EVERY_PAYLOAD))
        assert "Unmistakable" not in payloads
        assert "13800138000" not in payloads

    async def test_identifier_of_another_customer_is_refused_whole(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        first = await some_customer(client, identifiers=[PHONE])
        body = {"name": "Second", "identifiers": [{"type": "card", "value": "C-77"}, PHONE]}
        answer = await client.post("/v1/customers", json=body, headers={"Idempotency-Key": "second"})
        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:careline:problem:identifier-taken"
        assert answer.json()["customer_id"] == first["id"]
        assert answer.json()["field"] == "identifiers.1"
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM customers") == 1
            assert await connection.fetchval("SELECT count(*) FROM identifiers") == 1

    async def test_same_identifier_twice_in_one_body(self, client: httpx.AsyncClient) -> None:
        body = {"name": "Twice", "identifiers": [PHONE, {"type": "phone", "value": "+8613800138000"}]}
        answer = await client.post("/v1/customers", json=body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "identifiers"

    async def test_repeat_under_the_key_makes_one(self, client: httpx.AsyncClient, database: Database) -> None:
        body = {"name": "Once", "identifiers": [PHONE]}
        answers = await asyncio.gather(
            *(client.post("/v1/customers", json=body, headers={"Idempotency-Key": "k"}) for _ in range(10))
        )
        assert {answer.text for answer in answers} == {answers[0].text}
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM customers") == 1

    @pytest.mark.parametrize(
        "birthday",
        [
            {"month": 2, "day": 30},
            {"month": 2, "day": 29, "year": 2023},
            {"month": 13, "day": 1},
            {"month": 4, "day": 31, "calendar": "lunar"},
            {"month": 4, "day": 3, "leap_month": True},
        ],
    )
    async def test_birthday_that_is_no_day(self, client: httpx.AsyncClient, birthday: dict[str, Any]) -> None:
        body = {"name": "Born", "birthday": birthday}
        answer = await client.post("/v1/customers", json=body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith("birthday")

    async def test_lunar_birthday_may_be_the_thirtieth_of_the_second_month(self, client: httpx.AsyncClient) -> None:
        birthday = {"calendar": "lunar", "year": None, "month": 2, "day": 30, "leap_month": True}
        customer = await some_customer(client, birthday=birthday)
        assert customer["birthday"] == birthday


class TestRead:
    async def test_unknown(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/customers/cus_01h2xcejqtf2nbrexx3vqjhp41")
        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:careline:problem:not-found"

    async def test_id_of_another_kind(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/v1/customers/per_01h2xcejqtf2nbrexx3vqjhp41")
        assert answer.status_code == 422


class TestChange:
    async def test_changes_the_version_that_was_seen(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        path = f"/v1/customers/{customer['id']}"
        etag = (await client.get(path)).headers["ETag"]
        answer = await client.patch(path, json={"tier": "gold", "salutation": None}, headers={"If-Match": etag})
        assert answer.status_code == 200
        assert answer.json()["tier"] == "gold"
        assert answer.headers["ETag"] != etag
        assert (await told(database, customer["id"]))[-1][1] == "customer.updated"

    async def test_second_editor_is_told(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client)
        path = f"/v1/customers/{customer['id']}"
        etag = (await client.get(path)).headers["ETag"]
        changes = [client.patch(path, json={"name": f"Name {n}"}, headers={"If-Match": etag}) for n in range(8)]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*changes))
        assert statuses == [200] + [412] * 7

    async def test_without_version(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client)
        answer = await client.patch(f"/v1/customers/{customer['id']}", json={"name": "New"})
        assert answer.status_code == 428

    @pytest.mark.parametrize("body", [{"name": None}, {"name": ""}, {"version": 9}, {"lifecycle": "lead"}, []])
    async def test_what_cannot_be_changed(self, client: httpx.AsyncClient, body: Any) -> None:
        customer = await some_customer(client)
        answer = await client.patch(f"/v1/customers/{customer['id']}", json=body, headers={"If-Match": "*"})
        assert answer.status_code == 422
        assert answer.json()["errors"]


class TestIdentifiers:
    async def test_add_and_verify(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client, identifiers=[])
        path = f"/v1/customers/{customer['id']}/identifiers"
        added = await client.post(path, json={"type": "plate", "value": "沪A·12345"})
        assert added.status_code == 201
        assert (added.json()["value"], added.json()["state"]) == ("沪A12345", "claimed")
        for _ in range(2):
            verified = await client.post(f"{path}/{added.json()['id']}/verification", json={"method": "document"})
            assert verified.json()["state"] == "verified"
        kinds = [kind for _, kind in await told(database, customer["id"])]
        assert kinds == ["customer.registered", "customer.identifier_added", "customer.identifier_verified"]

    async def test_taken(self, client: httpx.AsyncClient) -> None:
        await some_customer(client, identifiers=[PHONE])
        other = await some_customer(client, identifiers=[])
        answer = await client.post(f"/v1/customers/{other['id']}/identifiers", json=PHONE)
        assert answer.status_code == 409

    async def test_of_unknown_customer(self, client: httpx.AsyncClient) -> None:
        path = "/v1/customers/cus_01h2xcejqtf2nbrexx3vqjhp41/identifiers"
        assert (await client.post(path, json=PHONE)).status_code == 404

    async def test_verify_another_customers(self, client: httpx.AsyncClient) -> None:
        owner = await some_customer(client, identifiers=[PHONE])
        other = await some_customer(client, identifiers=[])
        path = f"/v1/customers/{other['id']}/identifiers/{owner['identifiers'][0]['id']}/verification"
        assert (await client.post(path, json={"method": "code"})).status_code == 404
        reread = (await client.get(f"/v1/customers/{owner['id']}")).json()
        assert reread["identifiers"][0]["state"] == "claimed"


class TestHouseholds:
    async def test_members_see_each_other(self, client: httpx.AsyncClient) -> None:
        wife, man = await some_customer(client, name="李娜"), await some_customer(client, name="王强")
        body = {
            "name": "王家",
            "members": [
                {"customer_id": wife["id"], "relation": "wife"},
                {"customer_id": man["id"], "relation": "husband"},
            ],
        }
        household = (await client.post("/v1/households", json=body)).json()
        assert (await client.get(f"/v1/households/{household['id']}")).json() == household
        pop = await client.get(f"/v1/customers/{wife['id']}/screen-pop", params={"identity": "verified"})
        assert pop.json()["household"] == [{"customer_id": man["id"], "name": "王强", "relation": "husband"}]

    async def test_unknown_member(self, client: httpx.AsyncClient, database: Database) -> None:
        body = {"name": "Nobody", "members": [{"customer_id": "cus_01h2xcejqtf2nbrexx3vqjhp41"}]}
        answer = await client.post("/v1/households", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "members.0.customer_id"
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM households") == 0


EVERY_PAYLOAD = "SELECT payload::text FROM outbox UNION ALL SELECT payload::text FROM outbox_archive"


async def told(database: Database, customer_id: str) -> list[tuple[int, str]]:
    """What was told of a customer, in order, whether it is relayed yet or not."""
    async with database.read_raw() as connection:
        rows = await connection.fetch(
            "SELECT sequence, type FROM outbox WHERE aggregateid = $1 "
            "UNION ALL SELECT sequence, type FROM outbox_archive WHERE aggregateid = $1 ORDER BY sequence",
            customer_id,
        )
    return [(row[0], row[1]) for row in rows]
