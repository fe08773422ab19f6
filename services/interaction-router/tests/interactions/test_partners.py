import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from careline.ids import new_id
from interaction_router.customers.client import Resolution

from ..factories import Router, eventually

LOCKS_OF_KEYS = """
SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database
WHERE relation = 'idempotency_keys'::regclass AND d.datname = current_database()
"""


def body(**changed: Any) -> dict[str, Any]:
    return {
        "external_id": "ticket-1",
        "channel": "partner",
        "customer": {"identifier": {"type": "email", "value": "Li.Wei@customer.example"}},
        "subject": "Broken tap",
        "text": "It drips.",
        "occurred_at": "2026-11-22T08:00:00Z",
        **changed,
    }


async def post(router: Router, given: dict[str, Any], key: str | None = None) -> httpx.Response:
    headers = router.issuer.headers("cli_partner", scopes=["interactions:write"], kind="client")
    return await router.client.post(
        "/v1/interactions", json=given, headers=headers | {"Idempotency-Key": key or str(uuid4())}
    )


async def test_a_partner_opens_an_interaction_once(router: Router) -> None:
    router.profile.answer = Resolution(
        customer_id=new_id(), name="李伟", tier="gold", language="zh-CN", match="claimed"
    )
    answers = await asyncio.gather(*(post(router, body(), "key") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 4
    opened = answers[0].json()
    assert opened["customer"]["name"] == "李伟"
    assert opened["customer"]["history"] == "ready"
    assert opened["identifiers"] == [{"type": "email", "value": "li.wei@customer.example", "state": "claimed"}]
    assert await router.value("SELECT count(*) FROM interactions") == 1


async def test_another_body_under_the_same_key_is_refused(router: Router) -> None:
    await post(router, body(), "key")
    refused = await post(router, body(text="Other"), "key")
    assert refused.status_code == 422
    assert refused.json()["type"].endswith("idempotency-key-reused")


async def test_the_same_external_id_under_another_key_is_a_conflict(router: Router) -> None:
    assert (await post(router, body())).status_code == 201
    again = await post(router, body())
    assert again.status_code == 409
    assert again.json()["type"].endswith("external-id-known")
    assert await router.value("SELECT count(*) FROM interactions") == 1


async def test_two_matters_of_one_customer_are_two(router: Router) -> None:
    assert (await post(router, body())).status_code == 201
    assert (await post(router, body(external_id="ticket-2"))).status_code == 201


async def test_a_silent_profile_does_not_hold_the_work_up(router: Router) -> None:
    began = asyncio.get_running_loop().time()
    answer = await post(router, body())
    assert answer.json()["customer"]["history"] == "late"
    assert asyncio.get_running_loop().time() - began < 1


async def test_while_the_profile_is_asked_nothing_is_locked(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[int] = []
    ask = router.profile.request

    async def locks() -> int:
        # Databases that are copies of one template number their tables alike.
        return int(
            await router.value(
                "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database AND datname = current_database() "
                "WHERE granted AND relation = 'idempotency_keys'::regclass AND pid <> pg_backend_pid()"
            )
        )

    async def house_is_kept() -> bool:
        return await locks() == 0

    async def looked_at(*args: Any, **named: Any) -> httpx.Response:
        held.append(await locks())
        return await ask(*args, **named)

    # Housekeeping works on the table too, at the start and then for an hour no more.
    await eventually(house_is_kept)
    monkeypatch.setattr(router.profile, "request", looked_at)
    first, second = await post(router, body(), "key"), await post(router, body(), "key")
    assert held[0] == 0
    assert second.headers["idempotency-replayed"] == "true"
    assert second.json() == first.json()


async def test_bad_input_names_the_field(router: Router) -> None:
    for given, field in (
        (body(subject=""), "subject"),
        (body(extra=1), "extra"),
        (body(channel="mail"), "channel"),
        (body(customer={"identifier": {"type": "phone", "value": "abc"}}), "customer.identifier.value"),
        (body(occurred_at="yesterday"), "occurred_at"),
    ):
        answer = await post(router, given)
        assert answer.status_code == 422, given
        assert answer.json()["errors"][0]["field"] == field
