"""Accounts have an owner who stays: given to nobody who leaves, and passed on by whoever does."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from careline.app import Service
from careline.database import Database
from careline.events import Event
from careline.ids import decode, encode, new_id
from customer_profile import consumers

from .factories import some_customer
from .test_customers import told


@pytest.fixture
async def service(app: FastAPI, client: httpx.AsyncClient) -> Any:
    """A second copy of the service's parts, whose handlers the test calls by itself."""
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        yield state["service"]


def person_event(kind: str, person: str, **data: Any) -> Event:
    """An event of the directory about a person."""
    return Event(
        id=new_id(),
        type=f"person.{kind}",
        aggregate_type="person",
        aggregate_id=person,
        sequence=1,
        occurred_at=datetime(2026, 11, 22, 13, 0, tzinfo=UTC),
        data={"person_id": person, **data},
    )


def leaving(person: str, successor: str) -> Event:
    return person_event("leaving", person, leaving_id=encode("lve", new_id()), successor_id=successor)


async def hear(service: Service, *events: Event) -> None:
    """What the consumer does with events that are not in its inbox."""
    handlers = consumers.handlers(service)
    for event in events:
        async with service.database.write_raw() as connection:
            await handlers[event.type](connection, event)


async def hire(service: Service, number: int) -> list[str]:
    people = [encode("per", new_id()) for _ in range(number)]
    await hear(service, *(person_event("registered", person, roles=["agent"]) for person in people))
    return people


async def give(client: httpx.AsyncClient, customer: str, owner: str | None) -> httpx.Response:
    path = f"/v1/customers/{customer}"
    return await client.patch(path, json={"owner_id": owner}, headers={"If-Match": "*"})


async def owner_of(client: httpx.AsyncClient, customer: str) -> str | None:
    owner: str | None = (await client.get(f"/v1/customers/{customer}")).json()["owner_id"]
    return owner


async def words(database: Database) -> list[dict[str, Any]]:
    """The acknowledgements that were given."""
    async with database.read_raw() as connection:
        rows = await connection.fetch(
            "SELECT payload->'data'->'moved'->>'customers' AS customers, sequence FROM outbox "
            "WHERE aggregatetype = 'leaving' UNION ALL "
            "SELECT payload->'data'->'moved'->>'customers', sequence FROM outbox_archive "
            "WHERE aggregatetype = 'leaving'"
        )
    return [dict(row) for row in rows]


class TestOwner:
    async def test_is_somebody_who_works_here(self, client: httpx.AsyncClient, service: Service) -> None:
        (owner,) = await hire(service, 1)
        customer = (await some_customer(client, identifiers=[]))["id"]
        answer = await give(client, customer, owner)
        assert (answer.status_code, answer.json()["owner_id"]) == (200, owner)
        assert (await told(service.database, customer))[-1] == (2, "customer.owner_changed")
        assert (await give(client, customer, None)).json()["owner_id"] is None
        refused = await give(client, customer, encode("per", new_id()))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "owner_id"

    async def test_two_facts_are_two_events(self, client: httpx.AsyncClient, service: Service) -> None:
        (owner,) = await hire(service, 1)
        customer = (await some_customer(client, identifiers=[]))["id"]
        body = {"owner_id": owner, "tier": "gold"}
        await client.patch(f"/v1/customers/{customer}", json=body, headers={"If-Match": "*"})
        assert (await told(service.database, customer))[1:] == [(2, "customer.updated"), (3, "customer.owner_changed")]


class TestLeaving:
    async def test_accounts_move_and_it_is_acknowledged_once(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        leaver, successor, other = await hire(service, 3)
        theirs = [(await some_customer(client))["id"] for _ in range(3)]
        for customer in theirs:
            await give(client, customer, leaver)
        others = (await some_customer(client))["id"]
        await give(client, others, other)

        await hear(service, leaving(leaver, successor))

        assert [await owner_of(client, customer) for customer in theirs] == [successor] * 3
        assert await owner_of(client, others) == other
        assert (await told(database, theirs[0]))[-1][1] == "customer.owner_changed"
        assert await words(database) == [{"customers": "3", "sequence": 1}]
        assert (await give(client, others, leaver)).status_code == 422

    async def test_without_accounts_it_is_acknowledged_too(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        leaver, successor = await hire(service, 2)
        await hear(service, leaving(leaver, successor))
        assert await words(database) == [{"customers": "0", "sequence": 1}]

    @pytest.mark.parametrize("turned", [False, True])
    async def test_a_successor_who_leaves_too_is_passed_over(
        self, client: httpx.AsyncClient, service: Service, *, turned: bool
    ) -> None:
        first, second, third = await hire(service, 3)
        customer = (await some_customer(client))["id"]
        await give(client, customer, first)
        events = [leaving(first, second), leaving(second, third), person_event("deactivated", second)]
        await hear(service, *(events[1:] + events[:1] if turned else events))
        assert await owner_of(client, customer) == third

    async def test_a_successor_of_whom_nobody_has_heard_yet(self, client: httpx.AsyncClient, service: Service) -> None:
        (leaver,) = await hire(service, 1)
        customer = (await some_customer(client))["id"]
        await give(client, customer, leaver)
        newcomer = encode("per", new_id())
        await hear(service, leaving(leaver, newcomer), person_event("registered", newcomer, roles=["agent"]))
        assert await owner_of(client, customer) == newcomer

    async def test_a_late_registration_brings_nobody_back(self, client: httpx.AsyncClient, service: Service) -> None:
        leaver, successor = await hire(service, 2)
        gone = person_event("deactivated", leaver)
        await hear(service, leaving(leaver, successor), gone, person_event("registered", leaver, roles=["agent"]))
        assert (await give(client, (await some_customer(client))["id"], leaver)).status_code == 422

    async def test_nobody_is_given_to_a_leaver_at_the_same_moment(
        self, client: httpx.AsyncClient, service: Service
    ) -> None:
        leaver, successor = await hire(service, 2)
        customers = [(await some_customer(client))["id"] for _ in range(12)]
        giving = [give(client, customer, leaver) for customer in customers]
        answers, _ = await asyncio.gather(asyncio.gather(*giving), hear(service, leaving(leaver, successor)))
        assert {answer.status_code for answer in answers} <= {200, 422}
        owners = {await owner_of(client, customer) for customer in customers}
        assert leaver not in owners
        given = [answer for answer in answers if answer.status_code == 200]
        owned = [customer for customer in customers if await owner_of(client, customer) == successor]
        assert len(owned) == len(given)

    async def test_the_database_itself_refuses_a_leaver(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        leaver, successor = await hire(service, 2)
        customer = (await some_customer(client))["id"]
        await hear(service, leaving(leaver, successor))
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.write_raw() as connection:
                await connection.execute(
                    "UPDATE customers SET owner_id = $2 WHERE id = $1", decode("cus", customer), decode("per", leaver)
                )


class TestUnsubscribed:
    async def test_is_a_withdrawal_in_the_ledger(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        care_id = encode("car", new_id())
        data = {"customer_id": customer, "care_id": care_id, "purpose": "marketing", "channel": "mail"}
        event = Event(new_id(), "care.unsubscribed", "care", care_id, 5, datetime(2026, 11, 22, tzinfo=UTC), data)
        await hear(service, event)
        (entry,) = (await client.get(f"/v1/customers/{customer}/consents")).json()["items"]
        assert (entry["state"], entry["source"], entry["proof"]) == ("withdrawn", "care_unsubscribe", care_id)
        assert entry["recorded_by"] == "care-scheduler"
