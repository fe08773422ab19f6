"""The timeline: fed by events, the same in any repetition, moved when a visitor turns out to be somebody."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from fastapi import FastAPI
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from careline.app import Service
from careline.database import Database
from careline.events import Event
from careline.ids import encode, new_id
from careline.testing.issuer import TestIssuer
from careline.testing.running import running
from customer_profile import consumers
from customer_profile.settings import Settings
from customer_profile.timeline.rebuild import rebuild

from .conftest import ALL_SCOPES
from .factories import MOBILE, resolve, some_customer, some_visitor
from .test_timeline_of_care import care_events, complaint_events

OPENED_AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
QUEUE = encode("que", new_id())


class Interaction:
    """Makes the events of one interaction, numbered."""

    def __init__(self, channel: str = "chat", visitor: str | None = None) -> None:
        self.id = encode("int", new_id())
        self.channel = channel
        self.visitor = visitor
        self.sequence = 0

    def event(self, kind: str, **data: Any) -> Event:
        self.sequence += 1
        return Event(
            id=new_id(),
            type=f"interaction.{kind}",
            aggregate_type="interaction",
            aggregate_id=self.id,
            sequence=self.sequence,
            occurred_at=OPENED_AT + timedelta(minutes=self.sequence),
            data={"interaction_id": self.id, **data},
        )

    def opened(self, customer: str | None = None, identity: str = "unknown") -> Event:
        return self.event("opened", **self._who(customer, identity), previous_interaction_id=None)

    def linked(self, customer: str) -> Event:
        return self.event("customer_linked", customer_id=customer, identity="claimed")

    def verified(self, customer: str, identifier_type: str | None = "phone", identifier_id: str | None = None) -> Event:
        return self.event(
            "identity_verified",
            customer_id=customer,
            visitor_id=self.visitor,
            identifier_type=identifier_type,
            identifier_id=identifier_id,
            method="agent_check",
        )

    def closed(self, customer: str | None, identity: str) -> Event:
        return self.event(
            "closed",
            **self._who(customer, identity),
            agent_id=encode("per", UUID(int=7)),
            disposition="solved",
            closed_at=(OPENED_AT + timedelta(hours=1)).isoformat(),
            handle_seconds=61.5,
        )

    def _who(self, customer: str | None, identity: str) -> dict[str, Any]:
        return {
            "customer_id": customer,
            "visitor_id": self.visitor,
            "identity": identity,
            "channel": self.channel,
            "queue_id": QUEUE,
            "opened_at": OPENED_AT.isoformat(),
        }


@pytest.fixture
async def service(app: FastAPI, client: httpx.AsyncClient, settings: Settings) -> Any:
    """A second copy of the service's parts, whose handlers the test calls by itself."""
    async with app.router.lifespan_context(app) as state:
        assert state is not None
        yield state["service"]


async def apply(service: Service, *events: Event) -> None:
    """What the consumer does with events that are not in its inbox."""
    handlers = consumers.handlers(service)
    for event in events:
        async with service.database.write_raw() as connection:
            await handlers[event.type](connection, event)


async def rows(database: Database) -> list[dict[str, Any]]:
    """All entries as they are kept."""
    async with database.read_raw() as connection:
        return [dict(row) for row in await connection.fetch("SELECT * FROM timeline_entries ORDER BY id")]


async def timeline(client: httpx.AsyncClient, customer_id: str, **params: Any) -> list[dict[str, Any]]:
    """The customer's entries as the desk gets them."""
    answer = await client.get(f"/v1/customers/{customer_id}/timeline", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestProjection:
    async def test_one_entry_per_interaction(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        mail = Interaction("mail")
        await apply(service, mail.opened(customer, "claimed"), mail.verified(customer))
        (entry,) = await timeline(client, customer)
        assert (entry["kind"], entry["title_key"], entry["identity"]) == ("mail", "timeline.mail.opened", "verified")
        await apply(service, mail.closed(customer, "verified"))
        (entry,) = await timeline(client, customer)
        assert entry["title_key"] == "timeline.mail.closed"
        assert entry["facts"]["disposition"] == "solved"
        assert entry["facts"]["handle_seconds"] == 61.5
        assert entry["id"] == mail.id.replace("int_", "tle_")

    async def test_older_events_change_nothing(
        self, client: httpx.AsyncClient, service: Service, database: Database
    ) -> None:
        customer = (await some_customer(client))["id"]
        mail = Interaction("mail")
        events = [mail.opened(), mail.linked(customer), mail.closed(customer, "claimed")]
        await apply(service, *events)
        before = await rows(database)
        await apply(service, *events, *reversed(events))
        assert await rows(database) == before

    async def test_filter_by_kind(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        await apply(service, Interaction("mail").opened(customer, "claimed"), Interaction().opened(customer, "claimed"))
        assert [entry["kind"] for entry in await timeline(client, customer, kind="mail")] == ["mail"]
        answer = await client.get(f"/v1/customers/{customer}/timeline", params={"kind": "nonsense"})
        assert answer.status_code == 422

    async def test_pages(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        for _ in range(5):
            await apply(service, Interaction("mail").opened(customer, "claimed"))
        path, seen, cursor = f"/v1/customers/{customer}/timeline", [], None
        for _ in range(3):
            params: dict[str, Any] = {"limit": 2} | ({"cursor": cursor} if cursor else {})
            page = (await client.get(path, params=params)).json()
            seen += [entry["id"] for entry in page["items"]]
            cursor = page["next"]
        assert len(set(seen)) == 5
        assert cursor is None


class TestVisitors:
    async def test_entries_move_when_the_visitor_is_known(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        visitor = some_visitor()
        earlier, now = Interaction(visitor=visitor), Interaction(visitor=visitor)
        await apply(service, earlier.opened(), earlier.closed(None, "unknown"), now.opened())
        assert await timeline(client, customer) == []
        await apply(service, now.verified(customer))
        assert {entry["id"][4:] for entry in await timeline(client, customer)} == {earlier.id[4:], now.id[4:]}

    async def test_later_visits_are_the_customers_too(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        visitor = some_visitor()
        first, second = Interaction(visitor=visitor), Interaction(visitor=visitor)
        await apply(service, first.opened(), first.verified(customer), second.opened())
        assert len(await timeline(client, customer)) == 2

    async def test_visit_written_down_late_finds_the_link(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        visitor = some_visitor()
        late, quick = Interaction(visitor=visitor), Interaction(visitor=visitor)
        await apply(service, quick.opened(), quick.verified(customer), late.opened())
        assert len(await timeline(client, customer)) == 2

    async def test_second_person_at_the_device_takes_nothing_away(
        self, client: httpx.AsyncClient, service: Service
    ) -> None:
        wife, man = (await some_customer(client))["id"], (await some_customer(client))["id"]
        visitor = some_visitor()
        hers, his = Interaction(visitor=visitor), Interaction(visitor=visitor)
        await apply(service, hers.opened(), hers.verified(wife), his.opened(), his.verified(man))
        assert [entry["id"][4:] for entry in await timeline(client, wife)] == [hers.id[4:]]
        assert [entry["id"][4:] for entry in await timeline(client, man)] == [his.id[4:]]

    async def test_link_and_visit_at_the_same_moment(self, client: httpx.AsyncClient, service: Service) -> None:
        customer = (await some_customer(client))["id"]
        visitor = some_visitor()
        known, visit = Interaction(visitor=visitor), Interaction(visitor=visitor)
        await apply(service, known.opened())
        opened = visit.opened()
        async with service.database.write_raw() as connection:
            await consumers.handlers(service)[opened.type](connection, opened)
            # The link cannot see the visit, which is not committed yet; it has to wait for it.
            linking = asyncio.create_task(apply(service, known.verified(customer)))
            await asyncio.sleep(0.3)
        await linking
        assert len(await timeline(client, customer)) == 2


class TestVerification:
    async def test_agents_check_verifies_the_claimed_number(self, client: httpx.AsyncClient, service: Service) -> None:
        lead = await resolve(client, {"type": "phone", "value": MOBILE})
        chat = Interaction(visitor=some_visitor())
        events = [chat.opened(lead["customer_id"], "claimed"), chat.verified(lead["customer_id"])]
        await apply(service, *events, *events)
        customer = (await client.get(f"/v1/customers/{lead['customer_id']}")).json()
        assert [item["state"] for item in customer["identifiers"]] == ["verified", "verified"]
        again = await resolve(client, {"type": "phone", "value": MOBILE, "proven": True})
        assert again["match"] == "verified"

    async def test_nobody_knows_which_of_two_numbers_was_meant(
        self, client: httpx.AsyncClient, service: Service
    ) -> None:
        numbers = [{"type": "phone", "value": MOBILE}, {"type": "phone", "value": "13900139000"}]
        customer = await some_customer(client, identifiers=numbers)
        chat = Interaction()
        await apply(service, chat.opened(customer["id"], "claimed"), chat.verified(customer["id"]))
        reread = (await client.get(f"/v1/customers/{customer['id']}")).json()
        assert [item["state"] for item in reread["identifiers"]] == ["claimed", "claimed"]

    async def test_exactly_the_number_that_was_checked_is_verified(
        self, client: httpx.AsyncClient, service: Service
    ) -> None:
        numbers = [{"type": "phone", "value": MOBILE}, {"type": "phone", "value": "13900139000"}]
        customer = await some_customer(client, identifiers=numbers)
        checked = customer["identifiers"][1]["id"]
        chat = Interaction()
        verified = chat.verified(customer["id"], identifier_id=checked)
        await apply(service, chat.opened(customer["id"], "claimed"), verified, verified)
        reread = (await client.get(f"/v1/customers/{customer['id']}")).json()
        assert {item["id"]: item["state"] for item in reread["identifiers"]} == {
            customer["identifiers"][0]["id"]: "claimed",
            checked: "verified",
        }


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_repetition_and_interleaving_gives_the_same(
    client: httpx.AsyncClient, service: Service, database: Database, data: st.DataObject
) -> None:
    """Events of a key come in order but may come again from anywhere; keys mix freely."""
    customers = [(await some_customer(client))["id"] for _ in range(2)]
    visitor = some_visitor()
    a, b, c = Interaction(visitor=visitor), Interaction(visitor=visitor), Interaction("mail")
    streams = [
        [a.opened(), a.linked(customers[1]), a.closed(customers[1], "claimed")],
        [b.opened(), b.linked(customers[0]), b.verified(customers[0]), b.closed(customers[0], "verified")],
        [c.opened(customers[0], "claimed"), c.event("abandoned", **c._who(customers[0], "claimed"), waited_seconds=5)],
    ]

    async def kept() -> list[dict[str, Any]]:
        ids = {encode("int", row["id"]) for row in await rows(database)} & {a.id, b.id, c.id}
        return [row for row in await rows(database) if encode("int", row["id"]) in ids]

    for stream in streams:
        await apply(service, *stream)
    straight = await kept()
    async with database.write_raw() as connection:
        await connection.execute("DELETE FROM timeline_entries")
    positions = [0, 0, 0]
    while any(position < len(stream) for position, stream in zip(positions, streams, strict=True)):
        which = data.draw(st.sampled_from([n for n in range(3) if positions[n] < len(streams[n])]))
        back = data.draw(st.integers(0, positions[which]))
        ahead = data.draw(st.integers(positions[which] + 1, len(streams[which])))
        await apply(service, *streams[which][back:ahead])
        positions[which] = ahead
    assert await kept() == straight


class TestThroughKafka:
    async def test_closed_is_on_the_timeline(
        self, app: FastAPI, settings: Settings, issuer: TestIssuer, kafka_bootstrap: str
    ) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
        await admin.start()
        await admin.create_topics(
            [NewTopic(settings.topic_prefix + name, 2, 1) for name in ("interaction", "delivery", "customer")]
        )
        await admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=kafka_bootstrap)
        await producer.start()
        async with running(app, settings, issuer) as client:
            client.headers.update(issuer.headers("per_tester", scopes=ALL_SCOPES))
            customer = (await some_customer(client))["id"]
            mail = Interaction("mail")
            for event in (mail.opened(), mail.event("offered"), mail.closed(customer, "claimed")):
                for _ in range(2):
                    await producer.send(
                        settings.topic_prefix + "interaction", as_cloud_event(event), key=mail.id.encode()
                    )
            await producer.stop()
            async with asyncio.timeout(30):
                while not (entries := await timeline(client, customer)):
                    await asyncio.sleep(0.05)
        assert [entry["title_key"] for entry in entries] == ["timeline.mail.closed"]

    async def test_rebuilt_from_the_topic_is_the_same(
        self, client: httpx.AsyncClient, service: Service, database: Database, settings: Settings
    ) -> None:
        customer = (await some_customer(client))["id"]
        body = {"kind": "note", "occurred_at": "2026-05-01T10:00:00Z", "text": "stays"}
        await client.post(f"/v1/customers/{customer}/timeline", json=body)
        visitor = some_visitor()
        early, chat, mail = Interaction(visitor=visitor), Interaction(visitor=visitor), Interaction("mail")
        events = [early.opened(), mail.opened(customer, "claimed"), chat.opened(), chat.verified(customer)]
        events += [chat.closed(customer, "verified"), early.event("message_received", message_id="x", channel="chat")]
        due, carried = care_events(customer)
        known = [*events[:-1], *complaint_events(None, customer), *due, *carried]
        own = replace_topic(settings)
        admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
        await admin.start()
        topics = ("interaction", "complaint", "care", "delivery")
        await admin.create_topics([NewTopic(own.topic_prefix + topic, 2, 1) for topic in topics])
        await admin.close()
        producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap)
        await producer.start()
        for event in [*known, events[-1]]:
            topic, key = own.topic_prefix + event.aggregate_type, event.aggregate_id.encode()
            await producer.send_and_wait(topic, as_cloud_event(event), key=key)
        await producer.send_and_wait(own.topic_prefix + "interaction", b"no event")
        await producer.stop()
        await apply(service, *known)
        before = await rows(database)
        assert len(before) == 6
        assert await rebuild(database, own) == len(known) + 2
        assert await rows(database) == before


def replace_topic(settings: Settings) -> Settings:
    """The same settings with topics of their own, which no running service reads."""
    return settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}rebuild."})


def as_cloud_event(event: Event) -> bytes:
    """The event as the router's relay sends it."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(event.id),
            "source": "/careline/router",
            "type": event.type,
            "subject": event.aggregate_id,
            "time": event.occurred_at.isoformat(),
            "aggregatetype": "interaction",
            "sequence": f"{event.sequence:020d}",
            "data": event.data,
        }
    ).encode()


class TestNotes:
    async def test_earlier_contact(self, client: httpx.AsyncClient) -> None:
        customer = (await some_customer(client))["id"]
        body = {"kind": "in_person", "occurred_at": "2026-05-01T10:00:00+08:00", "text": "Came by\nabout the boiler"}
        answer = await client.post(f"/v1/customers/{customer}/timeline", json=body)
        assert answer.status_code == 201
        assert await timeline(client, customer) == [answer.json()]
        assert answer.json()["facts"] == {"text": "Came by\nabout the boiler", "noted_by": "per_tester"}

    async def test_unknown_customer(self, client: httpx.AsyncClient) -> None:
        body = {"kind": "note", "occurred_at": "2026-05-01T10:00:00Z", "text": "x"}
        answer = await client.post("/v1/customers/cus_01h2xcejqtf2nbrexx3vqjhp41/timeline", json=body)
        assert answer.status_code == 404
