"""Step 5: a partner's program posts a purchase and an interaction, each repeatable under its key."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from careline_local.demo.api import Json
from tests.e2e.stack import DIRECTORY, PROFILE, ROUTER, Stack
from tests.e2e.waiting import eventually


def _purchase(address: str) -> Json:
    return {
        "external_id": uuid4().hex,
        "customer": {"identifier": {"type": "email", "value": address}},
        "purchased_at": "2026-11-01T09:30:00+08:00",
        "items": [{"name": "电饭煲 R2", "quantity": 1, "amount_minor": 49900}],
        "total_minor": 49900,
        "currency": "CNY",
    }


def _matter(address: str) -> Json:
    return {
        "external_id": uuid4().hex,
        "channel": "partner",
        "queue": "partner",
        "customer": {"identifier": {"type": "email", "value": address}},
        "subject": "Wrong colour delivered",
        "text": "The customer wants it in blue.",
        "occurred_at": "2026-11-02T10:00:00Z",
    }


def _post(stack: Stack, path: str, body: Json, key: str | None) -> httpx.Response:
    return stack.partner.request("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})


WRITES = pytest.mark.parametrize(
    ("path", "body_of", "change"),
    [
        (f"{PROFILE}/purchases", _purchase, {"total_minor": 1}),
        (f"{ROUTER}/interactions", _matter, {"subject": "Another matter"}),
    ],
    ids=["purchase", "interaction"],
)


@WRITES
class TestRepeatableWrite:
    def test_repeating_changes_nothing(self, stack: Stack, path: str, body_of: Any, change: Json) -> None:
        body, key = body_of(f"{uuid4().hex[:8]}@customers.example"), uuid4().hex
        first = _post(stack, path, body, key)
        again = _post(stack, path, body, key)
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json()["id"] == first.json()["id"]
        assert again.headers["idempotency-replayed"] == "true"

    def test_another_body_under_the_same_key_is_refused(
        self, stack: Stack, path: str, body_of: Any, change: Json
    ) -> None:
        body, key = body_of(f"{uuid4().hex[:8]}@customers.example"), uuid4().hex
        assert _post(stack, path, body, key).status_code == 201
        refused = _post(stack, path, body | change, key)
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["type"].endswith("idempotency-key-reused")

    def test_a_key_is_asked_for(self, stack: Stack, path: str, body_of: Any, change: Json) -> None:
        refused = _post(stack, path, body_of("somebody@customers.example"), None)
        assert refused.status_code == 400
        assert refused.json()["type"].endswith("idempotency-key-missing")


async def test_purchase_and_matter_are_on_the_customers_timeline(stack: Stack) -> None:
    address = f"{uuid4().hex[:8]}@customers.example"
    purchase = _post(stack, f"{PROFILE}/purchases", _purchase(address), uuid4().hex).json()
    key, matter = uuid4().hex, _matter(address)
    for _ in range(2):
        _post(stack, f"{ROUTER}/interactions", matter, key)
    customer_id = stack.customer_id(address)
    assert purchase["customer_id"] == customer_id
    entries = await eventually(
        lambda: _kinds(stack, customer_id, {"purchase", "partner"}), seconds=3, what="both on the timeline"
    )
    assert sorted(entries) == ["partner", "purchase"]


def _kinds(stack: Stack, customer_id: str, wanted: set[str]) -> list[str] | None:
    kinds = [entry["kind"] for entry in stack.timeline(customer_id)]
    return kinds if wanted <= set(kinds) else None


def test_partner_may_do_nothing_else(stack: Stack) -> None:
    for method, path in (
        ("GET", f"{PROFILE}/lookup?identifier=13800138001"),
        ("GET", f"{DIRECTORY}/people"),
        ("GET", f"{ROUTER}/supervision/snapshot"),
        ("GET", f"{ROUTER}/desk/snapshot"),
    ):
        refused = stack.partner.request(method, path)
        assert refused.status_code == 403, path
        assert refused.headers["content-type"] == "application/problem+json"


def test_wrong_credentials_get_no_token(stack: Stack) -> None:
    with httpx.Client(base_url=stack.origin) as client:
        refused = client.post(
            "/api/directory/oauth/token", data={"grant_type": "client_credentials"}, auth=("cli_nobody", "wrong")
        )
    assert refused.status_code == 401
    assert refused.json()["error"] == "invalid_client"
