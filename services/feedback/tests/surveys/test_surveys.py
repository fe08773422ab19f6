"""Surveys over HTTP: versions that never change, and the figures of what they found."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from careline.clock import FixedClock
from careline.database import Database
from careline.ids import encode, new_id

from ..conftest import NOW
from ..neighbours import Neighbours
from .factories import CONTENT, ask_everybody, caller, link_of, some_invitation

PATH = "/v1/surveys/follow_up"
WORDS = {"zh-CN": "问", "en": "Question"}


async def read(client: httpx.AsyncClient) -> tuple[dict[str, Any], dict[str, str]]:
    answer = await client.get(PATH)
    return answer.json(), {"If-Match": answer.headers["ETag"]}


def body_of(survey: dict[str, Any]) -> dict[str, Any]:
    return {name: survey[name] for name in ("title", "introduction", "questions")}


class TestVersions:
    async def test_what_is_shipped_can_be_saved_again(self, client: httpx.AsyncClient) -> None:
        first, etag = await read(client)
        answer = await client.put(PATH, json=body_of(first), headers=etag)

        assert answer.status_code == 200, answer.text
        assert answer.json()["version"] == 2
        assert body_of(answer.json()) == body_of(first)
        assert (await client.get(f"{PATH}/versions/1")).json() == first
        assert (await client.get("/v1/surveys")).json()[0]["version"] == 2

    async def test_whoever_was_invited_answers_the_version_of_then(
        self, client: httpx.AsyncClient, neighbours: Neighbours
    ) -> None:
        await ask_everybody(client)
        invitation = await some_invitation(client, neighbours, at=NOW)
        link = await link_of(client, invitation)
        first, etag = await read(client)
        changed = body_of(first) | {"questions": [{"key": "other", "kind": "nps", "text": WORDS, "required": True}]}
        assert (await client.put(PATH, json=changed, headers=etag)).status_code == 200

        shown = (await caller(client).get(link)).json()
        answer = await caller(client).post(f"{link}/answers", json={"answers": CONTENT})

        assert shown["script"]["survey_version"] == 1
        assert answer.status_code == 201
        later = await some_invitation(client, neighbours, at=NOW)
        assert later["survey_version"] == 2

    async def test_of_two_editors_one_wins(self, client: httpx.AsyncClient) -> None:
        first, etag = await read(client)
        answers = await asyncio.gather(*(client.put(PATH, json=body_of(first), headers=etag) for _ in range(4)))

        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        assert (await client.put(PATH, json=body_of(first))).status_code == 428

    async def test_nobody_changes_a_version(self, client: httpx.AsyncClient, database: Database) -> None:
        with pytest.raises(Exception, match="never changed or deleted"):
            async with database.write_raw() as connection:
                await connection.execute("UPDATE surveys SET questions = '[]'")

    async def test_a_new_one(self, client: httpx.AsyncClient) -> None:
        survey = {"title": WORDS, "introduction": WORDS, "questions": [{"key": "a", "kind": "text", "text": WORDS}]}

        assert (await client.get("/v1/surveys/new_one")).status_code == 404
        assert (await client.put("/v1/surveys/new_one", json=survey)).json()["version"] == 1
        assert (await client.put("/v1/surveys/third", json=survey, headers={"If-Match": '"1"'})).status_code == 412

    @pytest.mark.parametrize(
        "changed",
        [
            {"questions": []},
            {"title": {"en": "Only English"}},
            {"questions": [{"key": "a", "kind": "nps", "text": WORDS, "next": [{"goto": "a"}]}]},
            {"questions": [{"key": "a", "kind": "stars", "text": WORDS}]},
            {"questions": [{"key": "a", "kind": "text", "text": WORDS, "surprise": 1}]},
        ],
    )
    async def test_refused(self, client: httpx.AsyncClient, changed: dict[str, Any]) -> None:
        first, etag = await read(client)

        assert (await client.put(PATH, json=body_of(first) | changed, headers=etag)).status_code == 422


class TestMetrics:
    async def test_by_group_and_period(
        self, client: httpx.AsyncClient, neighbours: Neighbours, clock: FixedClock
    ) -> None:
        await ask_everybody(client)
        for tier, score in (("gold", 5), ("gold", 4), ("regular", 3), ("regular", None)):
            invitation = await some_invitation(client, neighbours, at=clock.now(), tier=tier)
            if score is not None:
                answers = {"satisfaction": score, "recommend": 2 * score, "contact": "no"}
                if score > 3:
                    del answers["contact"]
                link = await link_of(client, invitation)
                assert (await caller(client).post(f"{link}/answers", json={"answers": answers})).status_code == 201
        clock.advance(timedelta(days=40).total_seconds())
        await some_invitation(client, neighbours, at=clock.now())

        november = {"from": NOW.isoformat(), "to": (NOW + timedelta(days=1)).isoformat()}
        whole = (await client.get("/v1/metrics", params=november)).json()
        tiers = (await client.get("/v1/metrics", params={**november, "by": "tier"})).json()["groups"]
        months = (await client.get("/v1/metrics", params={"by": "month"})).json()["groups"]

        (group,) = whole["groups"]
        assert (group["invited"], group["answered"], group["response_rate"]["value"]) == (4, 3, 0.75)
        assert (group["csat"]["n"], group["csat"]["value"]) == (3, pytest.approx(2 / 3))
        assert (group["nps"]["n"], group["nps"]["value"]) == (3, 0)
        assert group["csat"]["too_few"] is True
        assert "Skipped" in whole["definitions"]["nps"]
        assert [(each["key"], each["invited"], each["csat"]["value"]) for each in tiers] == [
            ("gold", 2, 1),
            ("regular", 2, 0),
        ]
        assert [(each["key"], each["invited"]) for each in months] == [("2026-11", 4), ("2027-01", 1)]

    async def test_nobody_was_asked(self, client: httpx.AsyncClient) -> None:
        """Formbricks #514: NaN % on zero answers."""
        (group,) = (await client.get("/v1/metrics")).json()["groups"]

        assert (group["csat"]["n"], group["csat"]["value"], group["csat"]["low"]) == (0, None, None)

    @pytest.mark.parametrize("query", [{"by": "customer_id"}, {"from": "yesterday"}, {"from": "2026-11-22T12:00:00"}])
    async def test_refused(self, client: httpx.AsyncClient, query: dict[str, str]) -> None:
        assert (await client.get("/v1/metrics", params=query)).status_code == 422

    async def test_of_no_survey(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/metrics", params={"survey": "nobody"})).status_code == 404


class TestContents:
    async def test_of_an_invitation(self, client: httpx.AsyncClient, neighbours: Neighbours) -> None:
        await ask_everybody(client)
        invitation = await some_invitation(client, neighbours, at=NOW, language="en")
        body = {"references": [invitation["id"], encode("inv", new_id())]}
        (item,) = (await client.post("/v1/care-contents", json=body)).json()["items"]

        assert item["reference"] == invitation["id"]
        assert item["values"]["survey_title"] == "How did we do?"
        assert item["values"]["link"].startswith("http://127.0.0.1:8080/survey/#")
        assert "[0-10]" in item["script"]

    @pytest.mark.parametrize("reference", ["cus_01m82f1w12ex68277fk08sn1bq", "inv_x", ""])
    async def test_of_what_is_not_ours(self, client: httpx.AsyncClient, reference: str) -> None:
        assert (await client.post("/v1/care-contents", json={"references": [reference]})).status_code == 422

    async def test_of_an_answered_one(self, client: httpx.AsyncClient, neighbours: Neighbours) -> None:
        await ask_everybody(client)
        invitation = await some_invitation(client, neighbours, at=NOW)
        await client.post(f"/v1/invitations/{invitation['id']}/answers", json={"answers": CONTENT})

        answer = await client.post("/v1/care-contents", json={"references": [invitation["id"]]})
        assert answer.json() == {"items": []}

    async def test_five_hundred_at_the_most(self, client: httpx.AsyncClient) -> None:
        references = [encode(prefix, new_id()) for prefix in ("inv", "cmp") for _ in range(250)]

        assert (await client.post("/v1/care-contents", json={"references": references})).json() == {"items": []}
        assert (await client.post("/v1/care-contents", json={"references": references * 2})).status_code == 422
