"""A low score is a complaint, opened with the answer and once for each invitation."""

import asyncio
from typing import Any

import httpx
import pytest

from careline.database import Database
from careline.ids import decode, encode, new_id
from feedback.answers import cases
from feedback.answers.lowness import Rule, severity

from ..conftest import NOW
from ..neighbours import Neighbours
from .factories import UNHAPPY, ask_everybody, caller, link_of, some_invitation, state_of

CSAT = Rule("csat", 2, None, None, "major")
NPS = Rule("nps", 6, "contact", "yes", "minor")


@pytest.mark.parametrize(
    ("scores", "answers", "found"),
    [
        ({"csat": 2}, {}, "major"),
        ({"csat": 3}, {}, None),
        ({"nps": 0}, {"contact": "yes"}, "minor"),
        ({"nps": 6}, {"contact": "yes"}, "minor"),
        ({"nps": 7}, {"contact": "yes"}, None),
        ({"nps": 0}, {"contact": "no"}, None),
        ({"nps": 0}, {"contact": None}, None),
        ({"csat": 1, "nps": 0}, {"contact": "yes"}, "major"),
        ({}, {}, None),
    ],
)
def test_what_is_low(scores: dict[str, int], answers: dict[str, Any], found: str | None) -> None:
    assert severity([CSAT, NPS], scores, answers) == found


async def somebody_responsible(database: Database) -> None:
    """A department with a head."""
    async with database.write_raw() as connection:
        department, head = new_id(), new_id()
        await connection.execute(
            "INSERT INTO people (id, roles, department_id) VALUES ($1, '{department_head}', $2)", head, department
        )
        await connection.execute(
            "INSERT INTO departments (id, key, head_id, version) VALUES ($1, 'customer_care', $2, 1)", department, head
        )


async def complaints(database: Database) -> list[Any]:
    async with database.read_raw() as connection:
        return await connection.fetch("SELECT * FROM complaints")


@pytest.fixture
async def invitation(client: httpx.AsyncClient, neighbours: Neighbours) -> dict[str, Any]:
    await ask_everybody(client)
    return await some_invitation(client, neighbours, at=NOW, tier="gold", language="zh-CN")


class TestOpened:
    async def test_with_the_answer_and_once(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], database: Database
    ) -> None:
        await somebody_responsible(database)
        link = await link_of(client, invitation)
        answers = await asyncio.gather(
            *(caller(client).post(f"{link}/answers", json={"answers": UNHAPPY}) for _ in range(20))
        )
        await cases.catch_up(state_of(client)["service"], state_of(client)["surveys"])

        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
        (complaint,) = await complaints(database)
        assert complaint["source"] == "low_score"
        assert encode("cus", complaint["customer_id"]) == invitation["customer_id"]
        assert encode("inv", complaint["invitation_id"]) == invitation["id"]
        assert encode("int", complaint["interaction_id"]) == invitation["interaction_id"]
        assert (complaint["severity"], complaint["tier"]) == ("major", "gold")
        assert "等了两个小时" in complaint["text"]
        assert "等待太久" in complaint["text"]
        detail = (await client.get(f"/v1/invitations/{invitation['id']}")).json()
        assert detail["answer"]["low"] is True

    async def test_a_complaint_that_fails_leaves_no_answer(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], database: Database
    ) -> None:
        await somebody_responsible(database)
        async with database.write_raw() as connection:
            await connection.execute("ALTER TABLE complaints ADD CONSTRAINT for_test CHECK (source <> 'low_score')")
        try:
            answer = await caller(client).post(
                f"{await link_of(client, invitation)}/answers", json={"answers": UNHAPPY}
            )
        finally:
            async with database.write_raw() as connection:
                await connection.execute("ALTER TABLE complaints DROP CONSTRAINT for_test")

        assert answer.status_code == 500
        async with database.read_raw() as connection:
            assert await connection.fetchval("SELECT count(*) FROM answers") == 0
        assert (await client.get(f"/v1/invitations/{invitation['id']}")).json()["state"] == "invited"

    async def test_without_anybody_responsible_the_answer_counts_and_the_case_comes_later(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], database: Database
    ) -> None:
        state = state_of(client)
        answer = await caller(client).post(f"{await link_of(client, invitation)}/answers", json={"answers": UNHAPPY})

        assert answer.status_code == 201
        assert await cases.catch_up(state["service"], state["surveys"]) == 0
        assert await complaints(database) == []
        await somebody_responsible(database)
        assert await cases.catch_up(state["service"], state["surveys"]) == 1
        assert await cases.catch_up(state["service"], state["surveys"]) == 0
        (complaint,) = await complaints(database)
        assert complaint["invitation_id"] == decode("inv", invitation["id"])

    async def test_a_good_answer_opens_none(
        self, client: httpx.AsyncClient, invitation: dict[str, Any], database: Database
    ) -> None:
        await somebody_responsible(database)
        link = await link_of(client, invitation)
        await caller(client).post(f"{link}/answers", json={"answers": {"satisfaction": 3, "recommend": 3}})
        await cases.catch_up(state_of(client)["service"], state_of(client)["surveys"])

        assert await complaints(database) == []


class TestRules:
    PATH = "/v1/surveys/follow_up/low-score-rules"

    async def test_are_edited(self, client: httpx.AsyncClient, invitation: dict[str, Any], database: Database) -> None:
        await somebody_responsible(database)
        shipped = (await client.get(self.PATH)).json()["rules"]
        rules = [{"scale": "csat", "at_most": 4, "severity": "minor"}]
        changed = await client.put(self.PATH, json={"rules": rules})
        link = await link_of(client, invitation)
        await caller(client).post(f"{link}/answers", json={"answers": {"satisfaction": 4}})

        assert [(rule["scale"], rule["at_most"], rule["wish_value"]) for rule in shipped] == [
            ("csat", 2, None),
            ("nps", 6, "yes"),
        ]
        assert changed.status_code == 200, changed.text
        assert [complaint["severity"] for complaint in await complaints(database)] == ["minor"]

    @pytest.mark.parametrize(
        "rules",
        [
            [{"scale": "csat", "at_most": 5, "severity": "minor"}],
            [{"scale": "csat", "at_most": 0, "severity": "minor"}],
            [{"scale": "csat", "at_most": 1, "severity": "terrible"}],
            [{"scale": "nps", "at_most": 6, "severity": "minor", "wish_question": "contact"}],
            [{"scale": "nps", "at_most": 6, "severity": "minor", "wish_question": "comment", "wish_value": "yes"}],
            [{"scale": "nps", "at_most": 6, "severity": "minor", "wish_question": "contact", "wish_value": "maybe"}],
            [
                {"scale": "csat", "at_most": 1, "severity": "minor"},
                {"scale": "csat", "at_most": 2, "severity": "major"},
            ],
        ],
    )
    async def test_refused(self, client: httpx.AsyncClient, rules: list[Any]) -> None:
        assert (await client.put(self.PATH, json={"rules": rules})).status_code == 422

    async def test_of_no_survey(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/v1/surveys/nobody/low-score-rules")).status_code == 404
