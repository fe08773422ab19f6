"""Somebody leaves: she gets nothing new, what she held goes on, and it is said once."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest

from careline.events import Event
from careline.ids import decode, encode, new_id
from interaction_router.agents import leaving
from interaction_router.consumers import handlers

from ..factories import Caller, Router, eventually


async def leaves(router: Router, person: str, successor: str) -> str:
    leaving_id = encode("lve", new_id())
    data = {"leaving_id": leaving_id, "person_id": person, "successor_id": successor}
    event = Event(new_id(), "person.leaving", "person", person, 2, datetime.now(UTC), data)
    for _ in range(2):
        async with router.units.database.write_raw() as connection:
            await handlers(router.clock)["person.leaving"](connection, event)
    return leaving_id


async def acknowledged(router: Router, leaving_id: str) -> dict[str, object]:
    async def said() -> object:
        return await router.events(leaving_id)

    await eventually(said)
    ((kind, data),) = await router.events(leaving_id)
    assert kind == "leaving.acknowledged"
    return data


async def test_work_goes_back_with_its_age_and_prefers_the_successor(router: Router) -> None:
    await router.queue()
    await router.disposition()
    goes = await router.agent(name="Goes", mail=3)
    taken = []
    for number in range(3):
        await router.arrive(f"{number}@customer.example")
        taken.append(await goes.accept())
    await goes.send("POST", f"/v1/interactions/{taken[1]}/wrap-up")
    before = await _waiting_since(router, taken)
    stays = await router.agent(name="Stays", status=None, mail=5)
    leaving_id = await leaves(router, goes.subject, stays.subject)
    data = await acknowledged(router, leaving_id)
    assert data["moved"] == {"interactions": 3, "tasks": 0, "offers": 0}
    assert (data["service"], data["person_id"]) == ("router", goes.subject)
    assert await _waiting_since(router, taken) == before
    assert await router.value("SELECT count(*) FROM interactions WHERE agent_id IS NOT NULL") == 0
    preferred = await router.fetch("SELECT DISTINCT last_agent_id FROM interactions")
    assert [row["last_agent_id"] for row in preferred] == [stays.id]
    await stays.be("available")
    assert {await stays.accept() for _ in range(3)} == set(taken)


async def test_an_offer_is_taken_back_and_no_other_made(router: Router) -> None:
    await router.queue()
    goes = await router.agent(name="Goes")
    await router.arrive()
    await goes.offer()
    data = await acknowledged(router, await leaves(router, goes.subject, encode("per", new_id())))
    assert data["moved"] == {"interactions": 0, "tasks": 0, "offers": 1}
    await router.arrive("two@customer.example")
    await asyncio.sleep(0.4)
    assert (await goes.snapshot())["offers"] == []
    # Whatever the decision believed, the database refuses.
    work = await router.value("SELECT id FROM interactions LIMIT 1")
    with pytest.raises(asyncpg.CheckViolationError, match="does not work here"):
        await router.fetch(
            "INSERT INTO offers (id, interaction_id, agent_id, decision_id, offered_at, expires_at, why) "
            "VALUES ($1, $2, $3, $1, now(), now(), '{}')",
            new_id(),
            work,
            goes.id,
        )


async def test_a_stranger_with_a_token_does_not_become_an_agent(router: Router) -> None:
    stranger = router.caller(["desk:use"])
    await acknowledged(router, await leaves(router, stranger.subject, encode("per", new_id())))
    await stranger.snapshot()
    assert await router.value("SELECT active FROM agents WHERE id = $1", stranger.id) is False


async def test_a_successor_who_has_left_too_is_followed_to_his(router: Router) -> None:
    await router.queue()
    first, second, third = [await router.agent(name=name, mail=5) for name in ("A", "B", "C")]
    await second.be("break")
    await third.be("break")
    await router.arrive()
    await first.accept()
    await acknowledged(router, await leaves(router, second.subject, third.subject))
    await acknowledged(router, await leaves(router, first.subject, second.subject))
    assert await router.value("SELECT last_agent_id FROM interactions") == third.id


async def test_two_replicas_say_it_once(router: Router) -> None:
    await router.queue()
    goes: Caller = await router.agent(name="Goes")
    await router.arrive()
    await goes.accept()
    leaving_id = await leaves(router, goes.subject, encode("per", new_id()))
    await asyncio.gather(*(leaving.Leavings(router.units).move_what_is_left() for _ in range(4)))
    data = await acknowledged(router, leaving_id)
    assert data["moved"] == {"interactions": 1, "tasks": 0, "offers": 0}
    assert decode("lve", leaving_id) == await router.value("SELECT leaving_id FROM departures")


async def _waiting_since(router: Router, ids: list[str]) -> list[object]:
    rows = await router.fetch(
        "SELECT waiting_since FROM interactions WHERE id = ANY($1) ORDER BY id", [decode("int", each) for each in ids]
    )
    return [row["waiting_since"] for row in rows]
