"""Closings, invitations and answers for tests."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from careline.database import Database
from careline.ids import encode, new_id

EVERYBODY = [{"channel": "*", "tier": "*", "rate": 1}]
NOBODY = [{"channel": "*", "tier": "*", "rate": 0}]
CONTENT = {"satisfaction": 5, "recommend": 9, "effort": 6}


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


async def until(found: Callable[[], Any], *, seconds: float = 20) -> Any:
    """What an asynchronous look gives, once it gives something."""
    async with asyncio.timeout(seconds):
        while not (seen := await found()):
            await asyncio.sleep(0.05)
    return seen


async def token_of(database: Database, links: Any, invitation: str | None = None) -> str:
    """The token in the link of an invitation, or of the only one."""
    async with database.read_raw() as connection:
        rows = await connection.fetch("SELECT id, nonce FROM invitations")
    found = [row["nonce"] for row in rows if invitation in {None, encode("inv", row["id"])}]
    assert len(found) == 1
    token: str = links.token(bytes(found[0]))
    return token
