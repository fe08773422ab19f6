"""The thin way through: closed → drawn → invited → answered by link → counted."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from fastapi import FastAPI

from careline.database import Database
from careline.testing.issuer import TestIssuer
from careline.testing.running import running
from feedback.settings import Settings

from ..conftest import ALL_SCOPES, NOW
from ..neighbours import Neighbours
from .factories import CONTENT, ask_everybody, closed_interaction, send, some_customer, until


@pytest.fixture
async def topics(settings: Settings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap)
    await admin.start()
    await admin.create_topics(
        [NewTopic(settings.topic_prefix + name, 2, 1) for name in ("interaction", "complaint", "care", "delivery")]
    )
    await admin.close()


async def test_from_closing_to_figures(
    app: FastAPI, settings: Settings, issuer: TestIssuer, neighbours: Neighbours, database: Database, topics: None
) -> None:
    customer = some_customer()
    neighbours.knows(customer, tier="gold", language="en")
    async with running(app, settings, issuer) as client:
        client.headers.update(issuer.headers("per_tester", scopes=ALL_SCOPES))
        await ask_everybody(client)
        event = closed_interaction(customer, NOW)
        await send(settings.kafka_bootstrap, settings.topic_prefix, event, event)

        async def invited() -> Any:
            return (await client.get("/v1/invitations", params={"customer_id": customer})).json()["items"]

        (invitation,) = await until(invited)
        assert invitation["interaction_id"] == event["data"]["interaction_id"]
        assert invitation["tier"] == "gold"
        assert invitation["not_after"] == (NOW + timedelta(days=3)).isoformat().replace("+00:00", "Z")
        link = (await contents(client, invitation["id"]))["values"]["link"]
        origin, _, token = link.partition("#")
        assert origin == f"{settings.public_url}/survey/"

        anonymous = httpx.AsyncClient(transport=client._transport, base_url=client.base_url)
        shown = (await anonymous.get(f"/v1/invitations/by-token/{token}")).json()
        assert shown["state"] == "open"
        assert shown["script"]["first"] == "satisfaction"
        answer = await anonymous.post(f"/v1/invitations/by-token/{token}/answers", json={"answers": CONTENT})
        assert answer.status_code == 201, answer.text
        again = await anonymous.post(f"/v1/invitations/by-token/{token}/answers", json={"answers": CONTENT})
        assert (again.status_code, again.json()["type"]) == (409, "urn:careline:problem:already-answered")
        await anonymous.aclose()

        figures = (await client.get("/v1/metrics", params={"survey": "follow_up"})).json()
        assert figures["groups"][0]["csat"]["n"] == 1
        async with database.read_raw() as connection:
            told = await connection.fetch(
                "SELECT payload FROM outbox WHERE aggregatetype = 'survey'"
                " UNION ALL SELECT payload FROM outbox_archive WHERE aggregatetype = 'survey'"
            )
        assert len(told) == 2
        assert not [row for row in told if token in row["payload"]]


async def contents(client: httpx.AsyncClient, reference: str) -> Any:
    answer = await client.post("/v1/care-contents", json={"references": [reference]})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    return item
