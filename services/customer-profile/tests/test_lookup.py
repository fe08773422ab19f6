"""The look-up: any identifier, in any usual spelling, in one statement."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import httpx
import pytest

from careline.testing.issuer import TestIssuer
from careline.tracing import current_traceparent

from .factories import a_purchase, post_purchase, resolve, some_customer

WANG = [
    {"type": "phone", "value": "13800138000", "verified": True},
    {"type": "email", "value": "Wang@Example.com"},
    {"type": "card", "value": "C-0001 77"},
    {"type": "plate", "value": "沪A·12345"},
    {"type": "wechat_open", "value": "oABCDEFGHIJKLMNOPQRSTUVWXYZ1", "namespace": "wx42"},
]


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that a request runs on a raw connection."""
    seen: list[str] = []
    for name in ("fetch", "fetchrow", "fetchval", "execute"):
        original = getattr(asyncpg.Connection, name)

        async def counted(
            self: object, query: str, *args: object, _original: object = original, **kw: object
        ) -> object:
            if current_traceparent():  # Loops beside the requests have no trace.
                seen.append(query)
            return await _original(self, query, *args, **kw)  # type: ignore[operator]

        monkeypatch.setattr(asyncpg.Connection, name, counted)
    yield seen
    monkeypatch.undo()


class TestLookUp:
    @pytest.mark.parametrize(
        ("typed", "kind", "shown"),
        [
            ("138 0013 8000", "phone", "138****8000"),
            ("0086-13800138000", "phone", "138****8000"),
            ("１３８００１３８０００", "phone", "138****8000"),
            ("WANG@example.COM", "email", "w***@example.com"),
            ("c000177", "card", "****77"),
            ("沪a12345", "plate", "沪****45"),
            ("oABCDEFGHIJKLMNOPQRSTUVWXYZ1", "wechat_open", "oA****XYZ1"),
            ("SO-9 ", "order", "S****9"),
            ("#so-9", "order", "S****9"),
        ],
    )
    async def test_any_spelling(self, client: httpx.AsyncClient, typed: str, kind: str, shown: str) -> None:
        customer = await some_customer(client, identifiers=WANG, tier="gold")
        await post_purchase(client, a_purchase(customer={"id": customer["id"]}, external_id="SO-9"))
        answer = await client.get("/v1/lookup", params={"identifier": typed})
        (found,) = answer.json()["items"]
        assert found["id"] == customer["id"]
        assert found["tier"] == "gold"
        assert (found["matched"]["type"], found["matched"]["value_shown"]) == (kind, shown)

    async def test_says_whether_it_is_verified(self, client: httpx.AsyncClient) -> None:
        await some_customer(client, identifiers=WANG)
        states = {}
        for typed in ("13800138000", "wang@example.com"):
            answer = await client.get("/v1/lookup", params={"identifier": typed})
            states[typed] = answer.json()["items"][0]["matched"]["state"]
        assert states == {"13800138000": "verified", "wang@example.com": "claimed"}

    async def test_nobody(self, client: httpx.AsyncClient) -> None:
        for typed in ("13900000000", "张伟", "!"):
            answer = await client.get("/v1/lookup", params={"identifier": typed})
            assert (answer.status_code, answer.json()) == (200, {"items": []})

    @pytest.mark.parametrize("typed", ["", " ", "a\x00b", "x" * 201])
    async def test_what_cannot_be_looked_up(self, client: httpx.AsyncClient, typed: str) -> None:
        answer = await client.get("/v1/lookup", params={"identifier": typed})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "identifier"

    async def test_needs_the_right(self, client: httpx.AsyncClient, issuer: TestIssuer) -> None:
        headers = issuer.headers("cli_shop", scopes=["purchases:write"])
        answer = await client.get("/v1/lookup", params={"identifier": "1"}, headers=headers)
        assert answer.status_code == 403
        answer = await client.get("/v1/lookup", params={"identifier": "1"}, headers={"Authorization": ""})
        assert answer.status_code == 401


class TestStatements:
    async def test_look_up_is_one(self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        await some_customer(client, identifiers=WANG)
        with statements(monkeypatch) as seen:
            await client.get("/v1/lookup", params={"identifier": "13800138000"})
        assert len(seen) == 1

    async def test_screen_pop_is_one(self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        customer = await some_customer(client, identifiers=WANG)
        with statements(monkeypatch) as seen:
            answer = await client.get(f"/v1/customers/{customer['id']}/screen-pop")
        assert answer.status_code == 200
        assert len(seen) == 1

    async def test_purchase_is_one(self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
        customer = await some_customer(client, identifiers=WANG)
        with statements(monkeypatch) as seen:
            answer = await post_purchase(client, a_purchase(customer={"id": customer["id"]}))
        assert answer.status_code == 201
        assert len(seen) == 1

    async def test_resolution_of_a_known_customer_writes_nothing(
        self, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await some_customer(client, identifiers=WANG)
        with statements(monkeypatch) as seen:
            await resolve(client, {"type": "phone", "value": "13800138000"})
        assert not [query for query in seen if query.lstrip().startswith(("INSERT", "UPDATE", "WITH"))]
        assert len(seen) <= 7
