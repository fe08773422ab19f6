"""Answers by mail: the router says that somebody replied, care which invitation it was, the text what the answer is."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from careline.clock import FixedClock
from careline.database import Database
from careline.ids import encode, new_id

from ..conftest import NOW
from ..neighbours import Neighbours
from .factories import CONTENT, apply, ask_everybody, caller, cloud_event, link_of, some_invitation, state_of, until

QUOTED = (
    "\n\nOn Mon, 23 Nov 2026 at 10:00, Careline <care@careline.example> wrote:\n> 1 very dissatisfied, 5 very satisfied"
)


@pytest.fixture
async def invitation(client: httpx.AsyncClient, neighbours: Neighbours) -> dict[str, Any]:
    await ask_everybody(client)
    return await some_invitation(client, neighbours, at=NOW)


class Letter:
    """A mail of care's that asks, and the reply to it."""

    def __init__(self, invitation: dict[str, Any] | None) -> None:
        self.care = encode("car", new_id())
        self.message = encode("msg", new_id())
        self._reference = invitation["id"] if invitation else None

    def due(self, at: datetime = NOW) -> dict[str, Any]:
        data = {"care_id": self.care, "occasion": "follow_up", "reference": self._reference, "means": "mail"}
        return cloud_event("care.due", "care", self.care, data, at)

    def completed(self, outcome: str) -> dict[str, Any]:
        data = {"care_id": self.care, "occasion": "follow_up", "reference": self._reference, "outcome": outcome}
        return cloud_event("care.completed", "care", self.care, data, NOW)

    def replied(self, at: datetime = NOW) -> dict[str, Any]:
        delivery = encode("dlv", new_id())
        data = {
            "delivery_id": delivery,
            "care_id": self.care,
            "message_id": self.message,
            "interaction_id": encode("int", new_id()),
        }
        return cloud_event("delivery.replied", "delivery", delivery, data, at)


async def outcome_of(database: Database, letter: Letter) -> Any:
    async def found() -> Any:
        async with database.read_raw() as connection:
            rows = await connection.fetch("SELECT message_id, outcome FROM mail_replies WHERE outcome IS NOT NULL")
        return {encode("msg", row["message_id"]): row["outcome"] for row in rows}.get(letter.message)

    return await until(found)


async def answer_of(client: httpx.AsyncClient, invitation: dict[str, Any]) -> Any:
    return (await client.get(f"/v1/invitations/{invitation['id']}")).json()["answer"]


async def test_number_and_comment(
    client: httpx.AsyncClient, invitation: dict[str, Any], neighbours: Neighbours, database: Database
) -> None:
    letter = Letter(invitation)
    neighbours.texts[letter.message] = f"4，谢谢{QUOTED}"
    await apply(client, letter.due(), letter.completed("sent"), letter.replied())

    assert await outcome_of(database, letter) == "answered"
    answer = await answer_of(client, invitation)
    assert (answer["channel"], answer["scores"]) == ("mail", {"csat": 4})
    assert answer["answers"]["comment"] == "4，谢谢"


async def test_no_number_is_left_to_the_agent(
    client: httpx.AsyncClient, invitation: dict[str, Any], neighbours: Neighbours, database: Database
) -> None:
    letter = Letter(invitation)
    neighbours.texts[letter.message] = f"Call me, please.{QUOTED}"
    await apply(client, letter.due(), letter.replied())

    assert await outcome_of(database, letter) == "no_score"
    assert await answer_of(client, invitation) is None
    assert (await caller(client).get(await link_of(client, invitation))).json()["state"] == "open"


async def test_the_reply_may_come_before_care_says_what_it_is(
    client: httpx.AsyncClient,
    invitation: dict[str, Any],
    neighbours: Neighbours,
    database: Database,
    clock: FixedClock,
) -> None:
    letter = Letter(invitation)
    neighbours.texts[letter.message] = "5"
    await apply(client, letter.replied())
    await state_of(client)["mail_answers"].step()
    await apply(client, letter.due())
    clock.advance(120)

    assert await outcome_of(database, letter) == "answered"


async def test_a_reply_to_a_greeting_is_none(
    client: httpx.AsyncClient, neighbours: Neighbours, database: Database, clock: FixedClock
) -> None:
    letter = Letter(None)
    neighbours.texts[letter.message] = "5"
    await apply(client, letter.due(), letter.replied())
    clock.advance(timedelta(minutes=20).total_seconds())

    assert await outcome_of(database, letter) == "no_invitation"
    assert letter.message not in neighbours.asked


async def test_answered_by_link_before(
    client: httpx.AsyncClient, invitation: dict[str, Any], neighbours: Neighbours, database: Database
) -> None:
    letter = Letter(invitation)
    neighbours.texts[letter.message] = "1"
    await caller(client).post(f"{await link_of(client, invitation)}/answers", json={"answers": CONTENT})
    await apply(client, letter.due(), letter.replied(), letter.replied())

    assert await outcome_of(database, letter) == "already_answered"
    assert (await answer_of(client, invitation))["scores"]["csat"] == 5


async def test_while_the_router_is_away_nothing_is_lost(
    client: httpx.AsyncClient,
    invitation: dict[str, Any],
    neighbours: Neighbours,
    database: Database,
    clock: FixedClock,
) -> None:
    letter = Letter(invitation)
    neighbours.texts[letter.message] = "3"
    neighbours.away = True
    await apply(client, letter.due(), letter.replied())
    await until(lambda: _asked(neighbours, letter))
    neighbours.away = False
    clock.advance(700)

    assert await outcome_of(database, letter) == "answered"


async def test_zero_by_mail(client: httpx.AsyncClient, neighbours: Neighbours, database: Database) -> None:
    words = {"zh-CN": "您会推荐我们吗？0-10", "en": "Would you recommend us? 0-10"}
    questions = [{"key": "recommend", "kind": "nps", "text": words, "required": True}]
    survey = {"title": words, "introduction": words, "questions": questions}
    assert (await client.put("/v1/surveys/short", json=survey)).status_code == 200
    reasons = [{"reason": "interaction", "survey": "short", "wait_hours": 0, "within_hours": 72}]
    await ask_everybody(client, reasons=reasons)
    invitation = await some_invitation(client, neighbours, at=NOW)
    letter = Letter(invitation)
    neighbours.texts[letter.message] = "0"
    await apply(client, letter.due(), letter.replied())

    assert await outcome_of(database, letter) == "answered"
    assert (await answer_of(client, invitation))["scores"] == {"nps": 0}


@pytest.mark.parametrize(
    ("outcome", "state", "because"),
    [
        ("sent", "asked", None),
        ("unknown", "asked", None),
        ("failed", "not_asked", "failed"),
        ("bounced", "not_asked", "bounced"),
    ],
)
async def test_what_care_says_of_it(
    client: httpx.AsyncClient, invitation: dict[str, Any], outcome: str, state: str, because: str | None
) -> None:
    letter = Letter(invitation)
    await apply(client, letter.due(), letter.completed(outcome))

    seen = (await client.get(f"/v1/invitations/{invitation['id']}")).json()
    assert (seen["state"], seen["not_asked_because"]) == (state, because)


async def _asked(neighbours: Neighbours, letter: Letter) -> bool:
    return letter.message in neighbours.asked
