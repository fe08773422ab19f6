"""Customers and purchases for tests, made through the public interface."""

from itertools import count
from typing import Any

import httpx

from careline.ids import encode, new_id

_numbers = count(1)
MOBILE = "138 0013 8000"


def some_mobile() -> str:
    """A valid mobile number that no other test has."""
    return f"139{next(_numbers):08d}"


def some_visitor() -> str:
    """The id of a visitor."""
    return encode("vis", new_id())


async def some_customer(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    """A registered customer."""
    body = {"name": "张伟", "identifiers": [{"type": "phone", "value": some_mobile(), "verified": True}], **fields}
    answer = await client.post("/v1/customers", json=body, headers={"Idempotency-Key": str(new_id())})
    assert answer.status_code == 201, answer.text
    customer: dict[str, Any] = answer.json()
    return customer


def a_purchase(**fields: Any) -> dict[str, Any]:
    """The body of a purchase."""
    return {
        "external_id": f"SO-{next(_numbers)}",
        "source": "shop",
        "purchased_at": "2026-11-01T10:00:00+08:00",
        "items": [{"name": "Kettle", "quantity": 1, "amount_minor": 19900}],
        "total_minor": 19900,
        "currency": "CNY",
        **fields,
    }


async def post_purchase(client: httpx.AsyncClient, body: dict[str, Any], key: str | None = None) -> httpx.Response:
    """Send a purchase."""
    return await client.post("/v1/purchases", json=body, headers={"Idempotency-Key": key or str(new_id())})


async def resolve(client: httpx.AsyncClient, *identifiers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Ask who is behind a contact."""
    answer = await client.post("/v1/resolutions", json={"identifiers": list(identifiers), **fields})
    assert answer.status_code == 200, answer.text
    resolution: dict[str, Any] = answer.json()
    return resolution
