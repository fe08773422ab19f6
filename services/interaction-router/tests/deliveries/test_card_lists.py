"""Printed cards: a list, its PDF, and the posting."""

import asyncio
from typing import Any

import pytest

from careline.ids import encode, new_id
from careline_local import fonts
from interaction_router.deliveries.card_lists import CardPress
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.printing import Card, print_cards

from ..factories import Caller, Router
from .care import Care
from .work import due, facts, said, state, states


@pytest.fixture
def press(router: Router, office: Office) -> CardPress:
    return CardPress(office, router.state["objects"], fonts.install())


@pytest.fixture
def manager(router: Router) -> Caller:
    return router.caller(["care:read", "care:write"], name="Care manager")


async def test_what_waits_is_printed_and_posted_once(router: Router, press: CardPress, manager: Caller) -> None:
    ids = await due(router, 3, means="card")
    made = await manager.send("POST", "/v1/card-lists", status=202)
    assert (made["state"], made["posted_at"]) == ("making", None)
    assert await states(router, ids) == ["listed"] * 3
    await manager.send("GET", f"/v1/card-lists/{made['id']}/pdf", status=409)
    await manager.send("POST", f"/v1/card-lists/{made['id']}/posting", status=409)
    assert await press.make_next()
    assert not await press.make_next()
    (found,) = await manager.get("/v1/card-lists")
    assert (found["state"], found["cards"], found["glyphs_missing"]) == ("ready", 3, False)
    pdf = await router.client.get(f"/v1/card-lists/{made['id']}/pdf", headers=manager.headers)
    assert pdf.content.startswith(b"%PDF-")
    for _ in range(2):
        posted = await manager.send("POST", f"/v1/card-lists/{made['id']}/posting")
    assert posted["state"] == "posted"
    assert await states(router, ids) == ["sent"] * 3
    assert await said(router, ids[0]) == ["delivery.sent"]
    assert (await facts(router, ids[0]))["means"] == "card"
    await manager.send("POST", "/v1/card-lists", status=409)


async def test_a_card_is_in_one_list(router: Router, manager: Caller) -> None:
    await due(router, 20, means="card")
    answers = await asyncio.gather(*(_try(manager) for _ in range(4)))
    lists = [answer for answer in answers if answer.status_code == 202]
    assert lists
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert await router.value("SELECT count(DISTINCT list_id) FROM deliveries") == len(lists)
    assert await router.value("SELECT count(*) FROM deliveries WHERE list_id IS NULL") == 0


async def _try(manager: Caller) -> Any:
    headers = {**manager.headers, "Idempotency-Key": str(new_id())}
    return await manager.router.client.post("/v1/card-lists", headers=headers)


async def test_whom_care_withdraws_or_cannot_place_is_not_printed(
    router: Router, press: CardPress, manager: Caller, care: Care
) -> None:
    kept, withdrawn, nowhere, forgotten = await due(router, 4, means="card")
    care.withdrawn[withdrawn] = "open_complaint"
    care.changed[nowhere] = {"postal_address": None}
    care.forgotten.add(forgotten)
    made = await manager.send("POST", "/v1/card-lists", status=202)
    await press.make_next()
    assert await states(router, [kept, withdrawn, nowhere, forgotten]) == ["listed", "cancelled", "failed", "queued"]
    assert (await manager.get(f"/v1/card-lists/{made['id']}"))["cards"] == 1
    assert (await facts(router, nowhere))["reason"] == "no_address"


async def test_whoever_dies_over_a_list_is_followed(
    router: Router, press: CardPress, manager: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    (care_id,) = await due(router, means="card")
    await manager.send("POST", "/v1/card-lists", status=202)

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(press, "_print", dies)
    with pytest.raises(KeyboardInterrupt):
        await press.make_next()
    monkeypatch.undo()
    assert not await press.make_next()
    router.clock.advance(seconds=130)
    assert await press.make_next()
    assert await router.value("SELECT state FROM card_lists") == "ready"
    assert await state(router, care_id) == "listed"


def a_card(name: str, text: str = "祝您生日快乐!") -> Card:
    return Card(1, name, ["南京东路 100 号", "200001 CN"], "birthday", "生日快乐", [text])


def test_a_character_without_a_picture_is_told() -> None:
    folder = fonts.install()
    assert not print_cards("lst_1", "贺卡清单", [a_card("张䶮"), a_card("Anna Müller")], folder).glyphs_missing
    printed = print_cards("lst_1", "贺卡清单", [a_card("𠮷田")], folder)
    assert printed.glyphs_missing
    assert printed.pdf.startswith(b"%PDF-")


def test_what_is_written_on_a_card_is_no_markup() -> None:
    hostile = '#panic("x") $ * _ ] } \\ " #read("/etc/passwd") <a> @b // c'
    assert print_cards("lst_1", hostile, [a_card(hostile, hostile)], fonts.install()).pdf.startswith(b"%PDF-")


async def test_deliveries_are_listed_for_whoever_manages_care(router: Router, manager: Caller) -> None:
    ids = await due(router, 5)
    page = await manager.get("/v1/deliveries", params={"limit": 3})
    rest = await manager.get("/v1/deliveries", params={"limit": 3, "cursor": page["next"]})
    assert [each["care_id"] for each in page["items"] + rest["items"]] == [encode("car", each) for each in ids[::-1]]
    assert rest["next"] is None
    only = await manager.get("/v1/deliveries", params={"care_id": encode("car", ids[0]), "state": "queued"})
    assert [each["care_id"] for each in only["items"]] == [encode("car", ids[0])]
    await manager.send("GET", "/v1/deliveries?cursor=x", status=422)
