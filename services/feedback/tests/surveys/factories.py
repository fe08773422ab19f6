"""Closings, invitations and answers for tests."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, settings

from careline.app import Service
from careline.events import Event
from careline.ids import encode, new_id
from feedback.consumers import handlers
from feedback.invitations.tokens import Links

from ..neighbours import Neighbours

# A busy machine is no fault of what is tested.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EVERYBODY = [{"channel": "*", "tier": "*", "rate": 1}]
NOBODY = [{"channel": "*", "tier": "*", "rate": 0}]
CONTENT = {"satisfaction": 5, "recommend": 9, "effort": 6}
UNHAPPY = {"satisfaction": 1, "reason": "time", "recommend": 0, "contact": "yes", "comment": "等了两个小时"}


def some_customer() -> str:
    """The id of a customer."""
    return encode("cus", new_id())


def closed_interaction(customer: str | None, at: datetime, **changed: Any) -> dict[str, Any]:
    """A CloudEvent as the router sends it when a matter is closed."""
    interaction = encode("int", new_id())
    data = {
        "interaction_id": interaction,
        "customer_id": customer,
        "visitor_id": None,
        "identity": "claimed" if customer else "unknown",
        "channel": "mail",
        "queue_id": encode("que", new_id()),
        "agent_id": encode("per", new_id()),
        "disposition": "resolved",
        "opened_at": at.isoformat(),
        "closed_at": at.isoformat(),
        "handle_seconds": 61.5,
    } | changed
    return cloud_event("interaction.closed", "interaction", data["interaction_id"], data, at)


def cloud_event(kind: str, aggregate: str, subject: str, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    """An event as a service's relay sends it."""
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/careline/test",
        "type": kind,
        "subject": subject,
        "time": at.isoformat(),
        "aggregatetype": aggregate,
        "sequence": f"{7:020d}",
        "data": data,
    }


async def send(bootstrap: str, prefix: str, *events: dict[str, Any]) -> None:
    """Put events on their topics."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap)
    await producer.start()
    try:
        for event in events:
            topic = prefix + event["aggregatetype"]
            await producer.send_and_wait(topic, json.dumps(event).encode(), key=event["subject"].encode())
    finally:
        await producer.stop()


async def ask_everybody(client: httpx.AsyncClient, rates: list[dict[str, Any]] | None = None, **changed: Any) -> Any:
    """Put a policy in force."""
    now = await client.get("/v1/sampling-policy")
    policy = {name: now.json()[name] for name in ("pause_days", "excluded_dispositions", "reasons")}
    body = policy | {"rates": rates or EVERYBODY} | changed
    answer = await client.put("/v1/sampling-policy", json=body, headers={"If-Match": now.headers["ETag"]})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def until(found: Callable[[], Any], *, seconds: float = 60) -> Any:
    """What an asynchronous look gives, once it gives something."""
    async with asyncio.timeout(seconds):
        while not (seen := await found()):
            await asyncio.sleep(0.05)
    return seen


def state_of(client: httpx.AsyncClient) -> dict[str, Any]:
    """What the running service's lifespan yielded."""
    found: dict[str, Any] = client._transport.app._state  # type: ignore[attr-defined]
    return found


async def apply(client: httpx.AsyncClient, *events: dict[str, Any]) -> None:
    """What the consumer does with events that are not in its inbox."""
    state = state_of(client)
    service: Service = state["service"]
    by_type = handlers(service, state["closed"], state["replied"])
    for event in events:
        async with service.database.write_raw() as connection:
            await by_type[event["type"]](connection, Event.from_json(json.dumps(event)))


async def decided(client: httpx.AsyncClient, subject: str) -> dict[str, Any]:
    """The sample of a closing, once it is decided."""

    async def found() -> Any:
        items = (await client.get("/v1/samples", params={"subject": subject})).json()["items"]
        return [item for item in items if item["decision"]]

    (sample,) = await until(found)
    answer = await client.get(f"/v1/samples/{sample['id']}")
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


async def some_invitation(
    client: httpx.AsyncClient,
    neighbours: Neighbours,
    *,
    at: datetime,
    tier: str = "regular",
    language: str = "en",
    **changed: Any,
) -> dict[str, Any]:
    """A customer who is asked about a matter that was just closed."""
    customer = some_customer()
    neighbours.knows(customer, tier=tier, language=language)
    event = closed_interaction(customer, at, **changed)
    await apply(client, event)
    sample = await decided(client, event["subject"])
    assert sample["decision"] == "sampled", sample
    answer = await client.get(f"/v1/invitations/{sample['invitation_id']}")
    assert answer.status_code == 200, answer.text
    invitation: dict[str, Any] = answer.json()
    return invitation


async def link_of(client: httpx.AsyncClient, invitation: dict[str, Any]) -> str:
    """The address of an invitation's link, as care is told of it, made into that of the endpoint behind the page."""
    answer = await client.post("/v1/care-contents", json={"references": [invitation["id"]]})
    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    return f"/v1/invitations/by-token/{item['values']['link'].partition('#')[2]}"


def links_of(client: httpx.AsyncClient) -> Links:
    """What makes and reads the tokens."""
    found: Links = state_of(client)["links"]
    return found


def caller(client: httpx.AsyncClient, address: str = "203.0.113.7") -> httpx.AsyncClient:
    """Somebody on the internet, without any token."""
    transport = httpx.ASGITransport(
        app=client._transport.app,  # type: ignore[attr-defined]
        raise_app_exceptions=False,
        client=(address, 40_000),
    )
    return httpx.AsyncClient(transport=transport, base_url=client.base_url)
