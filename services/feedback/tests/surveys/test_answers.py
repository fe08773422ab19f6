"""Answers: by link and on the phone, once for each invitation, zero included."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from careline.clock import FixedClock
from careline.database import Database
from careline.ids import encode, new_id

from ..conftest import NOW
from ..neighbours import Neighbours
from .factories import CONTENT, UNHAPPY, apply, ask_everybody, caller, cloud_event, link_of, some_invitation

ALREADY = "urn:careline:problem:already-answered"


@pytest.fixture
async def invitation(client: httpx.AsyncClient, neighbours: Neighbours) -> dict[str, Any]:
    await ask_everybody(client)
    return await some_invitation(client, neighbours, at=NOW)


@pytest.fixture
async def link(client: httpx.AsyncClient, invitation: dict[str, Any]) -> str:
    return await link_of(client, invitation)


async def kept(database: Database) -> list[Any]:
    async with database.read_raw() as connection:
        return await connection.fetch("SELECT * FROM answers")


async def told(database: Database) -> list[Any]:
    async with database.read_raw() as connection:
        return await connection.fetch(
            "SELECT payload FROM outbox WHERE type = 'feedback.answered'"
            " UNION ALL SELECT payload FROM outbox_archive WHERE type = 'feedback.answered'"
        )


class TestOnce:
    async def test_fifty_at_the_same_moment(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], link: str, database: Database
    ) -> None:
        customer, phone = caller(client), f"/v1/invitations/{invitation['id']}/answers"
        answers = await asyncio.gather(
            *(customer.post(f"{link}/answers", json={"answers": CONTENT}) for _ in range(25)),
            *(client.post(phone, json={"answers": {"satisfaction": 3}}) for _ in range(25)),
        )

        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 49}
        assert {answer.json()["type"] for answer in answers if answer.status_code == 409} == {ALREADY}
        assert len(await kept(database)) == 1
        assert len(await told(database)) == 1

    async def test_reload_and_mail_opened_again(self, client: httpx.AsyncClient, link: str, database: Database) -> None:
        """Formbricks #6055: a reload or the same link a second time made a second response."""
        customer = caller(client)
        await customer.post(f"{link}/answers", json={"answers": CONTENT})

        shown = await customer.get(link)
        again = await customer.post(f"{link}/answers", json={"answers": {"satisfaction": 1}})

        assert (shown.json()["state"], shown.json()["script"]) == ("answered", None)
        assert (again.status_code, again.json()["type"]) == (409, ALREADY)
        (row,) = await kept(database)
        assert row["csat"] == 5

    async def test_nobody_changes_an_answer(self, client: httpx.AsyncClient, link: str, database: Database) -> None:
        await caller(client).post(f"{link}/answers", json={"answers": CONTENT})

        with pytest.raises(Exception, match="never changed or deleted"):
            async with database.write_raw() as connection:
                await connection.execute("UPDATE answers SET nps = 10")


class TestValues:
    async def test_zero_is_an_answer(self, client: httpx.AsyncClient, link: str, database: Database) -> None:
        """Formbricks #3079: an NPS of 0 was exported as nothing."""
        answers = {"satisfaction": 3, "recommend": 0, "contact": "no"}
        answer = await caller(client).post(f"{link}/answers", json={"answers": answers})

        assert answer.status_code == 201
        figures = (await client.get("/v1/metrics")).json()["groups"][0]
        assert (figures["nps"]["n"], figures["nps"]["value"]) == (1, -100)
        (row,) = await kept(database)
        assert row["nps"] == 0
        (event,) = await told(database)
        assert '"nps": 0' in event["payload"]

    async def test_skipped_is_in_no_denominator(self, client: httpx.AsyncClient, link: str) -> None:
        """Formbricks counts a skipped NPS question, which pulls the score toward 0."""
        await caller(client).post(f"{link}/answers", json={"answers": {"satisfaction": 4, "recommend": None}})

        figures = (await client.get("/v1/metrics")).json()["groups"][0]
        assert (figures["csat"]["n"], figures["nps"]["n"], figures["nps"]["value"]) == (1, 0, None)

    @pytest.mark.parametrize(
        ("answers", "field"),
        [
            ({}, "answers.satisfaction"),
            ({"satisfaction": 0}, "answers.satisfaction"),
            ({"satisfaction": 5, "reason": "time"}, "answers.reason"),
            ({"satisfaction": 5, "recommend": 9, "contact": "yes"}, "answers.contact"),
            ({"satisfaction": 5, "recommend": 11}, "answers.recommend"),
            ({"satisfaction": 5, "nobody_asked": 1}, "answers.nobody_asked"),
        ],
    )
    async def test_refused(
        self, client: httpx.AsyncClient, link: str, database: Database, answers: dict[str, Any], field: str
    ) -> None:
        answer = await caller(client).post(f"{link}/answers", json={"answers": answers})

        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        assert await kept(database) == []

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"answers": []},
            {"answers": {"satisfaction": 5.5}},
            {"answers": {"satisfaction": True}},
            {"answers": {"satisfaction": 5}, "nps": 1},
            {"answers": {"x" * 99: 1}},
            {"answers": {"comment": "\x00"}},
        ],
    )
    async def test_malformed(self, client: httpx.AsyncClient, link: str, body: Any) -> None:
        assert (await caller(client).post(f"{link}/answers", json=body)).status_code == 422


class TestOver:
    async def test_too_late(self, client: httpx.AsyncClient, link: str, clock: FixedClock) -> None:
        clock.advance(timedelta(days=18).total_seconds())
        customer = caller(client)

        shown = await customer.get(link)
        answer = await customer.post(f"{link}/answers", json={"answers": CONTENT})

        assert (shown.json()["state"], shown.json()["script"]) == ("over", None)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:careline:problem:survey-over")

    async def test_suppressed_by_care(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], link: str, neighbours: Neighbours
    ) -> None:
        care = {"care_id": encode("car", new_id()), "customer_id": invitation["customer_id"], "occasion": "follow_up"}
        data = care | {"reference": invitation["id"], "gate": "consent"}
        await apply(client, cloud_event("care.suppressed", "care", care["care_id"], data, NOW))

        seen = (await client.get(f"/v1/invitations/{invitation['id']}")).json()
        assert (seen["state"], seen["not_asked_because"]) == ("not_asked", "consent")
        contents = await client.post("/v1/care-contents", json={"references": [invitation["id"]]})
        assert contents.json() == {"items": []}
        assert (await caller(client).post(f"{link}/answers", json={"answers": CONTENT})).status_code == 409
        figures = (await client.get("/v1/metrics")).json()["groups"][0]
        assert (figures["invited"], figures["not_asked"], figures["response_rate"]["n"]) == (1, 1, 0)


class TestPhone:
    async def test_script_attempts_and_answers(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], database: Database
    ) -> None:
        path = f"/v1/invitations/{invitation['id']}"
        tried = await client.post(f"{path}/attempts", json={"disposition": "NC", "note": "Rang twice"})
        script = (await client.get(f"{path}/script")).json()
        answer = await client.post(f"{path}/answers", json={"answers": UNHAPPY})

        assert (tried.status_code, tried.json()["number"]) == (201, 1)
        assert script["attempts_left"] == 4
        leads = {question["key"]: question["next_by_answer"] for question in script["script"]["questions"]}
        assert leads["satisfaction"] == {
            "1": "reason",
            "2": "reason",
            "3": "recommend",
            "4": "recommend",
            "5": "recommend",
        }
        assert leads["recommend"]["0"] == "contact"
        assert leads["comment"] == {"skipped": None, "answered": None}
        assert answer.status_code == 201, answer.text
        (row,) = await kept(database)
        assert (row["channel"], row["recorded_by"], row["low"]) == ("phone", "per_tester", True)
        figures = (await client.get("/v1/metrics")).json()
        assert figures["phone"] == {"dispositions": {"I": 1}, "response_rate_1": 1.0, "response_rate_2": 1.0}

    async def test_five_tries_are_enough(self, client: httpx.AsyncClient, invitation: dict[str, Any]) -> None:
        path = f"/v1/invitations/{invitation['id']}/attempts"
        answers = await asyncio.gather(*(client.post(path, json={"disposition": "NC"}) for _ in range(8)))

        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3
        numbers = [answer.json()["number"] for answer in answers if answer.status_code == 201]
        assert sorted(numbers) == [1, 2, 3, 4, 5]

    async def test_no_try_after_the_answer(self, client: httpx.AsyncClient, invitation: dict[str, Any]) -> None:
        path = f"/v1/invitations/{invitation['id']}"
        await client.post(f"{path}/answers", json={"answers": CONTENT})

        answer = await client.post(f"{path}/attempts", json={"disposition": "R"})
        assert (answer.status_code, answer.json()["type"]) == (409, ALREADY)
