"""The edge that commits: before the answer, and once per key."""

import asyncio
from typing import Any

import asyncpg
import httpx
import pytest

from careline.database import Database, after_commit

THING = {"name": "kettle", "number": 1}


async def _count(database: Database) -> int:
    async with database.read_raw() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM things"))


class TestCommitBeforeAnswer:
    async def test_failing_commit_is_no_success(self, client: httpx.AsyncClient, database: Database) -> None:
        answer = await client.post("/v1/things/fragile", json=THING)
        assert answer.status_code >= 400
        assert await _count(database) == 0

    async def test_written_is_there_when_answered(self, client: httpx.AsyncClient, database: Database) -> None:
        answer = await client.post("/v1/things", json=THING, headers={"Idempotency-Key": "a"})
        assert answer.status_code == 201
        assert await _count(database) == 1


class TestIdempotencyKey:
    async def test_missing(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/things", json=THING)
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:careline:problem:idempotency-key-missing"

    async def test_repeat_answers_as_before(self, client: httpx.AsyncClient, database: Database) -> None:
        answers = [await client.post("/v1/things", json=THING, headers={"Idempotency-Key": "a"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 201]
        assert {answer.text for answer in answers} == {answers[0].text}
        assert answers[2].headers["Idempotency-Replayed"] == "true"
        assert await _count(database) == 1

    async def test_other_body_is_refused(self, client: httpx.AsyncClient, database: Database) -> None:
        await client.post("/v1/things", json=THING, headers={"Idempotency-Key": "a"})
        answer = await client.post("/v1/things", json={**THING, "number": 2}, headers={"Idempotency-Key": "a"})
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:careline:problem:idempotency-key-reused"
        assert await _count(database) == 1

    async def test_other_query_is_refused(self, client: httpx.AsyncClient, database: Database) -> None:
        headers = {"Idempotency-Key": "a"}
        answers = [await client.post(f"/v1/things?unit={unit}", json=THING, headers=headers) for unit in ("kg", "lb")]
        assert [answer.status_code for answer in answers] == [201, 422]
        assert answers[1].json()["type"] == "urn:careline:problem:idempotency-key-reused"
        assert await _count(database) == 1

    async def test_twins_at_once_act_once(self, client: httpx.AsyncClient, database: Database) -> None:
        answers = await asyncio.gather(
            *(client.post("/v1/things", json=THING, headers={"Idempotency-Key": "a"}) for _ in range(20))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert await _count(database) == 1

    async def test_callers_do_not_share_keys(self, client: httpx.AsyncClient, issuer: Any, database: Database) -> None:
        for number, subject in enumerate(("per_a", "per_b")):
            headers = {"Idempotency-Key": "a", **issuer.headers(subject, scopes=["things:write"])}
            answer = await client.post("/v1/things", json={"name": subject, "number": number}, headers=headers)
            assert answer.status_code == 201
        assert await _count(database) == 2

    async def test_refused_work_leaves_the_key_free(self, client: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": "a"}
        assert (await client.post("/v1/things", json={**THING, "name": "\x00"}, headers=headers)).status_code == 422
        assert (await client.post("/v1/things", json=THING, headers=headers)).status_code == 201


class TestWhoAsks:
    async def test_nobody(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/things", json=THING, headers={"Idempotency-Key": "a", "Authorization": ""})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"

    async def test_without_the_scope(self, client: httpx.AsyncClient, issuer: Any) -> None:
        headers = {"Idempotency-Key": "a", **issuer.headers("per_a", scopes=["other"])}
        assert (await client.post("/v1/things", json=THING, headers=headers)).status_code == 403

    async def test_tokens_that_are_not_good(self, client: httpx.AsyncClient, issuer: Any) -> None:
        foreign = type(issuer)()
        bad = [
            foreign.headers("per_a", scopes=["things:write"]),
            issuer.headers("per_a", scopes=["things:write"], lifetime_seconds=-60),
            issuer.headers("per_a", scopes=["things:write"], aud="another"),
            issuer.headers("per_a", scopes=["things:write"], iss="https://evil.test"),
            {"Authorization": "Bearer e30.e30."},
        ]
        for headers in bad:
            answer = await client.post("/v1/things", json=THING, headers={"Idempotency-Key": "a", **headers})
            assert answer.status_code == 401, answer.text


class TestBadInput:
    async def _refused(self, client: httpx.AsyncClient, status: int, **request: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": "a", "Content-Type": "application/json"}
        answer = await client.post("/v1/things", headers=headers, **request)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        document: dict[str, Any] = answer.json()
        return document

    async def test_unknown_field(self, client: httpx.AsyncClient) -> None:
        document = await self._refused(client, 422, json={**THING, "colour": "red"})
        assert document["errors"][0]["field"] == "colour"

    @pytest.mark.parametrize(
        ("query", "field"), [("nmae=a", "nmae"), ("name=a&name=b", "name"), ("numbers=1&tier=", "tier")]
    )
    async def test_undeclared_or_repeated_query(self, client: httpx.AsyncClient, query: str, field: str) -> None:
        answer = await client.get(f"/v1/things?{query}")
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"][0]["field"] == field

    async def test_declared_query(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/things?numbers=1&numbers=2&name=a")).json() == [1, 2]
        assert (await client.get("/v1/things/open?utm_source=mail")).status_code == 200

    async def test_broken_json(self, client: httpx.AsyncClient) -> None:
        await self._refused(client, 400, content=b'{"name": ')

    async def test_nul_and_surrogate(self, client: httpx.AsyncClient) -> None:
        await self._refused(client, 422, json={**THING, "name": "a\x00b"})
        await self._refused(client, 422, content=b'{"name": "\\ud800", "number": 1}')

    async def test_number_out_of_range(self, client: httpx.AsyncClient) -> None:
        await self._refused(client, 422, json={**THING, "number": 2**70})

    async def test_announced_body_too_large(self, client: httpx.AsyncClient) -> None:
        await self._refused(client, 413, content=b"x" * (2 * 1024 * 1024))

    async def test_unannounced_body_too_large(self, client: httpx.AsyncClient) -> None:
        async def drip() -> Any:
            for _ in range(40):
                yield b"x" * 65536

        document = await self._refused(client, 413, content=drip())
        assert document["type"] == "urn:careline:problem:body-too-large"


class TestOneStatement:
    """A request that writes in one statement needs no BEGIN and COMMIT around it."""

    INSERT = "INSERT INTO things (name, number) VALUES ($1, $2)"

    async def test_commits_by_itself_and_wakes(self, database: Database) -> None:
        woken: list[int] = []
        async with database.write_one_statement() as connection:
            await connection.execute(self.INSERT, "kettle", 1)
            after_commit(connection, lambda: woken.append(1))
            assert await _count(database) == 1
            assert not woken
        assert woken

    async def test_refused_leaves_nothing_and_wakes_nobody(self, database: Database) -> None:
        woken: list[int] = []

        async def refused() -> None:
            async with database.write_one_statement() as connection:
                after_commit(connection, lambda: woken.append(1))
                await connection.execute(self.INSERT, "kettle", -1)

        with pytest.raises(asyncpg.CheckViolationError):
            await refused()
        assert await _count(database) == 0
        async with database.write_one_statement() as connection:
            await connection.execute(self.INSERT, "kettle", 1)
        assert not woken
