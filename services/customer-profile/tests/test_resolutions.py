"""Who is behind a contact: once, and never more than was proven."""

import asyncio

import httpx

from careline.database import Database

from .factories import MOBILE, a_purchase, post_purchase, resolve, some_customer, some_mobile, some_visitor
from .test_customers import told

PHONE = {"type": "phone", "value": MOBILE}
MAIL = {"type": "email", "value": "wang@example.com"}


async def count(database: Database, table: str) -> int:
    async with database.read_raw() as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))  # noqa: S608 -- a name from this file


class TestFirstContact:
    async def test_unproven_makes_a_lead_with_a_claimed_identifier(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        found = await resolve(client, PHONE, display_name="王芳")
        assert (found["match"], found["created"], found["name"]) == ("claimed", True, "王芳")
        assert found["identifiers"][0]["state"] == "claimed"
        customer = (await client.get(f"/v1/customers/{found['customer_id']}")).json()
        assert customer["lifecycle"] == "lead"
        assert [kind for _, kind in await told(database, found["customer_id"])] == [
            "customer.registered",
            "customer.identifier_added",
        ]

    async def test_proven_is_verified_at_first_sight(self, client: httpx.AsyncClient) -> None:
        found = await resolve(client, MAIL | {"proven": True}, PHONE)
        assert found["match"] == "verified"
        assert {item["type"]: item["state"] for item in found["identifiers"]} == {
            "email": "verified",
            "phone": "claimed",
        }

    async def test_without_anything_usable(self, client: httpx.AsyncClient, database: Database) -> None:
        found = await resolve(client, {"type": "phone", "value": "none\x00"}, {"type": "email", "value": ""})
        assert (found["customer_id"], found["match"], found["created"]) == (None, "none", False)
        assert [item["field"] for item in found["unusable"]] == ["identifiers.0.value", "identifiers.1.value"]
        assert await count(database, "customers") == 0

    async def test_unusable_ones_do_not_spoil_the_others(self, client: httpx.AsyncClient) -> None:
        found = await resolve(client, {"type": "phone", "value": "x"}, MAIL)
        assert found["created"]
        assert found["unusable"][0]["rule"] == "not a phone number"

    async def test_two_hundred_at_once_are_one_customer(self, client: httpx.AsyncClient, database: Database) -> None:
        spellings = ["13800138000", "0086 138 0013 8000", "+86-13800138000", "１３８００１３８０００"]
        contacts = [
            resolve(client, {"type": "phone", "value": spellings[n % 4]}, MAIL if n % 3 else PHONE) for n in range(200)
        ]
        found = await asyncio.gather(*contacts)
        assert len({item["customer_id"] for item in found}) == 1
        assert sum(item["created"] for item in found) == 1
        assert await count(database, "customers") == 1

    async def test_purchases_and_contacts_at_once_are_one_customer(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        async def buy() -> str:
            answer = await post_purchase(client, a_purchase(customer={"identifier": PHONE}))
            assert answer.status_code == 201, answer.text
            return str(answer.json()["customer_id"])

        async def write() -> str:
            return str((await resolve(client, PHONE))["customer_id"])

        ids = await asyncio.gather(*(buy() if n % 2 else write() for n in range(60)))
        assert len(set(ids)) == 1
        assert await count(database, "customers") == 1
        assert await count(database, "purchases") == 30


class TestKnown:
    async def test_claim_changes_nothing(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[PHONE | {"verified": True}])
        found = await resolve(client, PHONE, MAIL, visitor_id=some_visitor())
        assert (found["customer_id"], found["match"]) == (customer["id"], "claimed")
        assert (await client.get(f"/v1/customers/{customer['id']}")).json() == customer

    async def test_proof_of_a_verified_identifier_learns_the_others(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[PHONE | {"verified": True}])
        found = await resolve(client, PHONE | {"proven": True}, MAIL)
        assert (found["customer_id"], found["match"]) == (customer["id"], "verified")
        assert {item["type"]: item["state"] for item in found["identifiers"]} == {
            "phone": "verified",
            "email": "claimed",
        }

    async def test_proof_settles_what_staff_wrote_down(self, client: httpx.AsyncClient) -> None:
        customer = await some_customer(client, identifiers=[MAIL])
        found = await resolve(client, MAIL | {"proven": True})
        assert (found["customer_id"], found["match"]) == (customer["id"], "verified")

    async def test_proof_does_not_settle_what_a_stranger_typed(self, client: httpx.AsyncClient) -> None:
        # Mallory proves her own number and claims Wang's address; Wang must not be received as Mallory.
        mallory = await resolve(client, PHONE | {"proven": True}, MAIL)
        wang = await resolve(client, MAIL | {"proven": True})
        assert (wang["customer_id"], wang["match"]) == (mallory["customer_id"], "claimed")

    async def test_own_proof_beats_a_claim_on_another(self, client: httpx.AsyncClient) -> None:
        victim = await some_customer(client, identifiers=[PHONE | {"verified": True}])
        found = await resolve(client, PHONE, MAIL | {"proven": True})
        assert found["customer_id"] != victim["id"]
        assert found["created"]

    async def test_two_proven_customers_are_not_joined(self, client: httpx.AsyncClient, database: Database) -> None:
        first = await some_customer(client, identifiers=[PHONE | {"verified": True}])
        await some_customer(client, identifiers=[MAIL | {"verified": True}])
        found = await resolve(client, PHONE | {"proven": True}, MAIL | {"proven": True})
        assert found["customer_id"] == first["id"]
        assert await count(database, "customers") == 2

    async def test_mutual_first_contacts_do_not_deadlock(self, client: httpx.AsyncClient) -> None:
        pairs = [
            ({"type": "phone", "value": some_mobile()}, {"type": "email", "value": f"m{n}@example.com"})
            for n in range(20)
        ]
        contacts = [resolve(client, *pair) for pair in pairs] + [resolve(client, *reversed(pair)) for pair in pairs]
        found = await asyncio.gather(*contacts)
        assert [item["customer_id"] for item in found[:20]] == [item["customer_id"] for item in found[20:]]


class TestVisitor:
    async def test_proof_links_the_device_and_later_it_is_a_claim(self, client: httpx.AsyncClient) -> None:
        visitor = some_visitor()
        first = await resolve(client, PHONE | {"proven": True}, visitor_id=visitor)
        again = await resolve(client, visitor_id=visitor)
        assert (again["customer_id"], again["match"]) == (first["customer_id"], "claimed")

    async def test_a_claim_links_nothing(self, client: httpx.AsyncClient) -> None:
        visitor = some_visitor()
        await resolve(client, PHONE, visitor_id=visitor)
        assert (await resolve(client, visitor_id=visitor))["match"] == "none"
