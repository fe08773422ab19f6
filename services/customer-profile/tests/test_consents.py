"""Consents: a ledger that only grows; and preferences."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from careline.database import Database

from .factories import some_customer
from .test_customers import told

GRANT = {"purpose": "marketing", "channel": "mail", "state": "granted", "source": "web_form", "proof": "form 12"}


class TestLedger:
    async def test_entries_stay_newest_first(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client, identifiers=[])
        path = f"/v1/customers/{customer['id']}/consents"
        first = (await client.post(path, json=GRANT)).json()
        second = (await client.post(path, json=GRANT | {"state": "withdrawn"})).json()
        page = (await client.get(path)).json()
        assert page == {"items": [second, first], "next": None}
        assert first["recorded_by"] == "per_tester"
        assert first["proof"] == "form 12"
        assert (await told(database, customer["id"]))[1:] == [
            (2, "customer.consent_changed"),
            (3, "customer.consent_changed"),
        ]

    async def test_pages(self, client: httpx.AsyncClient) -> None:
        path = f"/v1/customers/{(await some_customer(client))['id']}/consents"
        ids = [(await client.post(path, json=GRANT)).json()["id"] for _ in range(3)]
        page = (await client.get(path, params={"limit": 2})).json()
        rest = (await client.get(path, params={"limit": 2, "cursor": page["next"]})).json()
        assert [item["id"] for item in page["items"] + rest["items"]] == ids[::-1]

    @pytest.mark.parametrize(
        "statement", ["UPDATE consents SET state = 'granted'", "DELETE FROM consents", "TRUNCATE consents"]
    )
    async def test_nobody_changes_what_is_written(
        self, client: httpx.AsyncClient, database: Database, statement: str
    ) -> None:
        path = f"/v1/customers/{(await some_customer(client))['id']}/consents"
        await client.post(path, json=GRANT | {"state": "withdrawn"})
        with pytest.raises(asyncpg.RestrictViolationError):
            async with database.write_raw() as connection:
                await connection.execute(statement)
        assert [item["state"] for item in (await client.get(path)).json()["items"]] == ["withdrawn"]

    async def test_two_at_once_have_an_order(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client)
        path = f"/v1/customers/{customer['id']}/consents"
        states = ["granted", "withdrawn"] * 5
        answers = await asyncio.gather(*(client.post(path, json=GRANT | {"state": state}) for state in states))
        assert {answer.status_code for answer in answers} == {201}
        async with database.read_raw() as connection:
            (last,) = await connection.fetch("SELECT id, state FROM consents ORDER BY number DESC LIMIT 1")
        answer = await client.post("/v1/care-facts", json={"customer_ids": [customer["id"]]})
        assert answer.json()["items"][0]["consents"]["marketing"]["mail"] == last["state"]

    @pytest.mark.parametrize(
        "changed",
        [
            {"purpose": "fun"},
            {"channel": "fax"},
            {"state": "none"},
            {"source": ""},
            {"at": "now"},
            {"proof": "a\u0000"},
        ],
    )
    async def test_what_is_refused(self, client: httpx.AsyncClient, changed: dict[str, Any]) -> None:
        path = f"/v1/customers/{(await some_customer(client))['id']}/consents"
        assert (await client.post(path, json=GRANT | changed)).status_code == 422

    async def test_of_nobody(self, client: httpx.AsyncClient) -> None:
        path = "/v1/customers/cus_01h2xcejqtf2nbrexx3vqjhp41/consents"
        assert (await client.post(path, json=GRANT)).status_code == 404
        assert (await client.get(path)).status_code == 404


class TestPreferences:
    async def test_set_and_unset(self, client: httpx.AsyncClient, database: Database) -> None:
        customer = await some_customer(client, identifiers=[])
        path = f"/v1/customers/{customer['id']}/preferences"
        nothing = {"channel": None, "time_zone": None, "quiet_from": None, "quiet_to": None}
        assert (await client.get(path)).json() == nothing
        wanted = {"channel": "none", "time_zone": "Asia/Kathmandu", "quiet_from": "20:00", "quiet_to": "09:15"}
        assert (await client.put(path, json=wanted)).json() == wanted
        assert (await client.get(path)).json() == wanted
        assert (await client.put(path, json={})).json() == nothing
        assert (await told(database, customer["id"]))[-1] == (3, "customer.preferences_changed")

    @pytest.mark.parametrize(
        "body",
        [
            {"channel": "fax"},
            {"time_zone": "Mars/Olympus"},
            {"time_zone": "../../etc/passwd"},
            {"quiet_from": "22:00"},
            {"quiet_from": "22:00", "quiet_to": "22:00"},
            {"quiet_from": "7:00", "quiet_to": "08:00"},
            {"quiet_from": "24:00", "quiet_to": "08:00"},
            {"quiet_from": 1, "quiet_to": 2},
            {"colour": "red"},
        ],
    )
    async def test_what_is_refused(self, client: httpx.AsyncClient, body: Any) -> None:
        path = f"/v1/customers/{(await some_customer(client))['id']}/preferences"
        assert (await client.put(path, json=body)).status_code == 422

    async def test_of_nobody(self, client: httpx.AsyncClient) -> None:
        path = "/v1/customers/cus_01h2xcejqtf2nbrexx3vqjhp41/preferences"
        assert (await client.get(path)).status_code == 404
        assert (await client.put(path, json={})).status_code == 404
