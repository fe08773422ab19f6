"""Complaints, care and answers on the timeline and in the screen pop: the same in any order of the topics."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from careline.app import Service
from careline.database import Database
from careline.events import Event
from careline.ids import encode, new_id
from customer_profile import consumers

from .factories import some_customer

BEGUN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Thing:
    """Makes the events of one complaint, care or delivery, numbered."""

    def __init__(self, prefix: str, aggregate: str) -> None:
        self.id = encode(prefix, new_id())
        self.aggregate = aggregate
        self.sequence = 0

    def event(self, happened: str, **data: Any) -> Event:
        self.sequence += 1
        return Event(
            id=new_id(),
            type=happened,
            aggregate_type=self.aggregate,
            aggregate_id=self.id,
            sequence=self.sequence,
            occurred_at=BEGUN + timedelta(minutes=self.sequence),
            data=data,
        )


def complaint_events(customer: str | None, linked: str) -> list[Event]:
    """One complaint from its opening to its closing, whose customer may be known only later."""
    complaint = Thing("cmp", "complaint")
    person, department = encode("per", new_id()), encode("dep", new_id())

    def tell(happened: str, who: str | None, **data: Any) -> Event:
        return complaint.event(f"complaint.{happened}", complaint_id=complaint.id, customer_id=who, **data)

    return [
        tell(
            "opened",
            customer,
            interaction_id=None,
            kind="product",
            severity="normal",
            source="web",
            owner_id=person,
            department_id=department,
            acknowledge_by="2026-11-23T01:00:00Z",
            resolve_by="2026-11-27T01:00:00Z",
        ),
        tell("customer_linked", linked),
        tell("acknowledged", linked),
        tell("overdue", linked, deadline="resolve", owner_id=person, due_at="2026-11-27T01:00:00Z"),
        tell("escalated", linked, level=1, owner_id=person),
        tell("handover_accepted", linked, owner_id=encode("per", new_id()), department_id=department),
        tell("answered", linked, decision="upheld", word_by="2026-12-01T00:00:00Z"),
        tell("customer_word", linked, word="accepted"),
        tell("closed", linked, cause_code="supplier", decision="upheld", word="accepted", reopened_count=0),
    ]


def care_events(customer: str) -> tuple[list[Event], list[Event]]:
    """One greeting, as care tells of it and as its delivery does."""
    care, delivery = Thing("car", "care"), Thing("dlv", "delivery")
    due = care.event(
        "care.due",
        care_id=care.id,
        customer_id=customer,
        occasion="birthday",
        occasion_key="2026",
        purpose="marketing",
        means="mail",
        cell="gold/birthday@v1",
        reference=None,
        due_at="2026-11-20T09:00:00Z",
        not_after="2026-11-20T20:00:00Z",
    )
    carried = {"delivery_id": delivery.id, "care_id": care.id, "customer_id": customer, "means": "mail"}
    sent = delivery.event("delivery.sent", **carried, sent_at="2026-11-20T09:00:01Z")
    interaction = encode("int", new_id())
    replied = delivery.event("delivery.replied", **carried, message_id="msg", interaction_id=interaction)
    return [due], [sent, replied]


@pytest.fixture
async def service(app: FastAPI, client: httpx.AsyncClient) -> Any:
    """A second copy of the service's parts, whose handlers the test calls by itself."""
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        yield state["service"]


async def hear(service: Service, *events: Event) -> None:
    """What the consumer does with events that are not in its inbox."""
    handlers = consumers.handlers(service)
    for event in events:
        async with service.database.write_raw() as connection:
            await handlers[event.type](connection, event)


async def flood(service: Service, events: list[Event]) -> None:
    """What the consumer does with events of one kind that follow one another."""
    kind = events[0].type
    if kind not in consumers.FLOODS:
        await hear(service, *events)
        return
    async with service.database.write_raw() as connection:
        await consumers.FLOODS[kind](connection, events)


async def entries(database: Database) -> list[dict[str, Any]]:
    async with database.read_raw() as connection:
        return [dict(row) for row in await connection.fetch("SELECT * FROM timeline_entries ORDER BY id")]


async def timeline(client: httpx.AsyncClient, customer: str, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await client.get(f"/v1/customers/{customer}/timeline", params=params)).json()[
        "items"
    ]
    return items


async def pop(client: httpx.AsyncClient, customer: str, identity: str = "verified") -> dict[str, Any]:
    answer = await client.get(f"/v1/customers/{customer}/screen-pop", params={"identity": identity})
    assert answer.status_code == 200, answer.text
    popped: dict[str, Any] = answer.json()
    return popped


class TestComplaints:
    async def test_one_entry_from_opening_to_closing(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        events = complaint_events(customer, customer)
        await hear(service, events[0])
        (entry,) = await timeline(client, customer, kind="complaint")
        assert (entry["title_key"], entry["facts"]["state"]) == ("timeline.complaint.opened", "opened")
        await hear(service, *events[1:])
        (entry,) = await timeline(client, customer)
        assert entry["title_key"] == "timeline.complaint.closed"
        kept = {name: entry["facts"][name] for name in ("state", "kind", "decision", "word", "overdue", "escalated")}
        assert kept == {
            "state": "closed",
            "kind": "product",
            "decision": "upheld",
            "word": "accepted",
            "overdue": True,
            "escalated": 1,
        }
        assert entry["facts"]["owner_id"] == events[5].data["owner_id"]
        assert entry["occurred_at"] == "2026-11-20T09:01:00Z"

    async def test_whose_it_is_may_be_known_later(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        events = complaint_events(None, customer)
        await hear(service, events[0])
        assert await timeline(client, customer) == []
        await hear(service, events[1])
        assert [entry["facts"]["state"] for entry in await timeline(client, customer)] == ["opened"]

    async def test_what_comes_again_changes_nothing(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        customer = (await some_customer(client))["id"]
        events = complaint_events(customer, customer)
        await hear(service, *events)
        before = await entries(database)
        await hear(service, *events, *events[2:5])
        assert await entries(database) == before

    async def test_screen_pop_flags_it_until_it_is_closed(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client, flags=[{"code": "vip", "note": "Founder"}]))["id"]
        events = complaint_events(customer, customer)
        await hear(service, *events[:-1])
        popped = await pop(client, customer)
        assert [flag["code"] for flag in popped["flags"]] == ["vip", "open_complaint"]
        (complaint,) = popped["open_complaints"]
        assert complaint["complaint_id"] == events[0].aggregate_id
        assert (complaint["state"], complaint["kind"]) == ("answered", "product")
        claimed = await pop(client, customer, "claimed")
        assert (claimed["flags"], claimed["open_complaints"]) == ([], [])
        assert claimed["counts"]["contacts"] == {"complaint": 1}
        await hear(service, events[-1])
        popped = await pop(client, customer)
        assert [flag["code"] for flag in popped["flags"]] == ["vip"]
        assert popped["open_complaints"] == []


class TestCare:
    async def test_due_then_sent_then_answered(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        (due,), (sent, replied) = care_events(customer)
        await hear(service, due)
        assert (await pop(client, customer))["next_care"] == {
            "care_id": due.aggregate_id,
            "occasion": "birthday",
            "means": "mail",
            "due_at": "2026-11-20T09:01:00Z",
        }
        await hear(service, sent)
        (entry,) = await timeline(client, customer, kind="care")
        assert (entry["title_key"], entry["facts"]["occasion"]) == ("timeline.care.sent", "birthday")
        popped = await pop(client, customer)
        assert popped["next_care"] is None
        # A greeting is no contact of the customer's.
        assert (popped["contacts"], popped["counts"]["contacts"]) == ([], {})
        await hear(service, replied)
        (entry,) = await timeline(client, customer)
        assert entry["facts"]["interaction_id"] == replied.data["interaction_id"]

    async def test_any_order_of_the_two_topics_gives_the_same(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        customer = (await some_customer(client))["id"]
        (due,), deliveries = care_events(customer)
        seen = []
        for order in permutations([due, *deliveries, deliveries[0]]):
            if order.index(deliveries[0]) > order.index(deliveries[1]):
                continue  # One delivery's events come in order, and again from anywhere before.
            async with database.write_raw() as connection:
                await connection.execute("DELETE FROM timeline_entries")
            await hear(service, *order)
            seen.append(await entries(database))
        assert all(rows == seen[0] for rows in seen)
        assert seen[0][0]["title_key"] == "timeline.care.replied"

    async def test_a_flood_leaves_what_one_by_one_leaves(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        told = [care_events((await some_customer(client))["id"]) for _ in range(3)]
        dues = [due for (due,), _ in told]
        sents = [sent for _, (sent, _) in told]
        replies = [replied for _, (_, replied) in told]
        floods = (dues, sents, replies, [*dues, *reversed(dues)], [*sents, *sents])
        for mixed in permutations(floods[:3]):
            async with database.write_raw() as connection:
                await connection.execute("DELETE FROM timeline_entries WHERE source = 'care'")
            for events in (*mixed, *floods[3:]):
                await flood(service, events)
            at_once = await entries(database)
            async with database.write_raw() as connection:
                await connection.execute("DELETE FROM timeline_entries WHERE source = 'care'")
            await hear(service, *dues, *sents, *replies)
            assert at_once == await entries(database)
            assert [entry["title_key"] for entry in at_once] == ["timeline.care.replied"] * 3

    async def test_answers_have_scores(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        invitation = Thing("inv", "survey")
        scores = {"csat": 2, "nps": 0}
        answered = invitation.event(
            "feedback.answered",
            invitation_id=invitation.id,
            customer_id=customer,
            interaction_id=None,
            complaint_id=None,
            survey="follow_up",
            survey_version=1,
            scores=scores,
            channel="link",
            low=True,
        )
        await hear(service, answered, answered)
        (entry,) = await timeline(client, customer, kind="feedback")
        assert entry["facts"]["scores"] == scores
        assert entry["facts"]["low"] is True
