"""The id of something that is there but is somebody else's."""

import asyncio
from typing import Any

from careline.ids import encode, new_id

from .rights import (
    BODIES,
    EVERYTHING,
    NOT_FOUND,
    TOKEN_OVER,
    UNAUTHENTICATED,
    VISITOR,
    Route,
    Serving,
    first_frame,
    only,
    others,
)


@only("interaction-router")
class TestSomebodyElsesWork:
    async def test_an_offer_and_an_interaction_of_another_agent(self, served: Serving) -> None:
        offer_id, interaction_id = await _work_of_another(served)
        stranger = served.bearer("desk:use", "profile:read")

        answers = await _call_all(served, stranger, offer_id=offer_id, interaction_id=interaction_id)

        assert others(answers, NOT_FOUND) == {}

    async def test_it_stays_theirs_once_accepted(self, served: Serving) -> None:
        owner = served.bearer("desk:use")
        offer_id, interaction_id = await _work_of_another(served, owner)
        accepted = await served.client.post(f"/v1/offers/{offer_id}/acceptance", headers=owner)
        assert accepted.status_code == 200, accepted.text

        answers = await _call_all(served, served.bearer("desk:use"), interaction_id=interaction_id)

        assert others(answers, NOT_FOUND) == {}

    async def test_no_template_is_filled_in_with_it(self, served: Serving) -> None:
        _, interaction_id = await _work_of_another(served)
        body = {"title": "Hello", "body": "Hello {{ customer.name }}", "language": "en"}
        template = await served.client.put("/v1/templates/hello", json=body, headers=served.bearer("routing:write"))
        assert template.is_success, template.text

        answer = await served.client.post(
            f"/v1/templates/{template.json()['id']}/rendering",
            json={"interaction_id": interaction_id},
            headers=served.bearer("desk:use"),
        )

        assert answer.status_code == NOT_FOUND


@only("customer-profile")
class TestSomebodyElsesIdentifier:
    async def test_it_is_not_verified_under_another_customer(self, served: Serving) -> None:
        first, second = [await _new_customer(served, f"{name}@customer.example") for name in ("a", "b")]
        (identifier,) = second["identifiers"]

        answer = await served.client.post(
            f"/v1/customers/{first['id']}/identifiers/{identifier['id']}/verification",
            json={"method": "agent_check"},
            headers=served.bearer("profile:write"),
        )

        assert answer.status_code == NOT_FOUND


@only("interaction-router")
class TestVisitors:
    async def test_staff_and_strangers_are_no_visitors(self, served: Serving) -> None:
        everything = sorted(EVERYTHING)
        headers = [{}, {"Authorization": "Visitor nonsense"}, served.bearer(*everything)]

        answers = {
            (str(route), number): (await served.call(route, given)).status_code
            for route in served.routes()
            if str(route) in VISITOR[served.name]
            for number, given in enumerate(headers)
        }

        assert others(answers, UNAUTHENTICATED) == {}

    async def test_another_visitors_chat(self, served: Serving) -> None:
        first, second = [await _new_visitor(served) for _ in range(2)]
        opened = await served.client.post("/v1/chats", json={"language": "en"}, headers=first)
        chat_id = opened.json()["id"]
        bodies = {"messages": {"text": "Hello"}, "phone": {"number": "+8613800138000"}, "end": None}

        answers = {
            word: (await served.call(Route("POST", f"/v1/chats/{chat_id}/{word}", None), second, body=body)).status_code
            for word, body in bodies.items()
        }
        code = await served.close_code(f"/v1/chats/{chat_id}/feed", first_frame(second["Authorization"].split()[1]))

        assert others(answers, NOT_FOUND) == {}
        assert code == TOKEN_OVER


async def _work_of_another(served: Serving, owner: dict[str, str] | None = None) -> tuple[str, str]:
    """A matter that waits on another agent's desk: the offer and the interaction."""
    owner = owner or served.bearer("desk:use")
    queue = {
        "name": "Any",
        "required_skills": [],
        "offer_timeout_seconds": 60,
        "channels": ["partner"],
        "priority": 1,
    }
    boss = served.bearer("routing:write")
    for method, path, body, headers in (
        ("PUT", "/v1/queues/any", queue, boss),
        ("PUT", "/v1/desk/presence", {"status": "available"}, owner),
    ):
        answer = await served.client.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
    matter: dict[str, Any] = {
        "external_id": "1",
        "channel": "partner",
        "queue": "any",
        "customer": {"identifier": {"type": "email", "value": "li@customer.example"}},
        "subject": "Tap",
        "text": "It drips.",
        "occurred_at": "2026-11-01T09:00:00Z",
    }
    headers = served.bearer("interactions:write", subject=encode("cli", new_id())) | {"Idempotency-Key": "1"}
    opened = await served.client.post("/v1/interactions", json=matter, headers=headers)
    assert opened.status_code == 201, opened.text
    async with asyncio.timeout(10):
        while True:
            offers = (await served.client.get("/v1/desk/snapshot", headers=owner)).json()["offers"]
            if offers:
                return offers[0]["id"], opened.json()["id"]
            await asyncio.sleep(0.05)


async def _call_all(served: Serving, headers: dict[str, str], **known: str) -> dict[str, int]:
    """Call every route that names one of the known things."""
    return {
        str(route): (await served.call(route, headers, body=BODIES.get(str(route)), **known)).status_code
        for route in served.guarded()
        if route.scope == "desk:use" and any(f"{{{name}}}" in route.path for name in known)
    }


async def _new_customer(served: Serving, address: str) -> dict[str, Any]:
    body = {"name": "Li Wei", "identifiers": [{"type": "email", "value": address}]}
    headers = served.bearer("profile:write") | {"Idempotency-Key": address}
    answer = await served.client.post("/v1/customers", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    customer: dict[str, Any] = answer.json()
    return customer


async def _new_visitor(served: Serving) -> dict[str, str]:
    token = (await served.client.post("/v1/visitors")).json()["token"]
    return {"Authorization": f"Visitor {token}"}
