"""The wall board: its counts are those of a recount, and its numbers are what the words say."""

import asyncio
import random
from typing import Any

from interaction_router.interactions import lifecycle
from interaction_router.interactions import repository as interactions

from ..factories import Caller, Router, eventually

_RECOUNT = """
SELECT queue_id, date_bin('15 minutes', opened_at, timestamptz '2000-01-01 00:00:00+00') AS begins_at,
    count(*) AS offered, count(target_at) AS targeted, count(answered_at) AS answered,
    count(*) FILTER (WHERE answered_at <= target_at) AS answered_in_target,
    coalesce(sum(floor(extract(epoch FROM answered_at - opened_at) * 1000)), 0)::bigint AS answer_ms,
    count(*) FILTER (WHERE state = 'abandoned' AND answered_at IS NULL) AS abandoned,
    count(*) FILTER (WHERE state = 'abandoned' AND answered_at IS NULL AND closed_at <= target_at)
        AS abandoned_in_target
FROM interactions GROUP BY 1, 2 ORDER BY 1, 2
"""
_COUNTED = """
SELECT queue_id, begins_at, sum(offered) AS offered, sum(targeted) AS targeted, sum(answered) AS answered,
    sum(answered_in_target) AS answered_in_target, sum(answer_ms)::bigint AS answer_ms, sum(abandoned) AS abandoned,
    sum(abandoned_in_target) AS abandoned_in_target
FROM queue_intervals GROUP BY 1, 2 ORDER BY 1, 2
"""


async def board(router: Router) -> dict[str, Any]:
    answer: dict[str, Any] = await router.supervisor().get("/v1/wall-board")
    return answer


async def agreed(router: Router) -> list[dict[str, Any]]:
    """The recount, once it is seen to be what was counted."""
    recount = [dict(row) for row in await router.fetch(_RECOUNT)]
    assert [dict(row) for row in await router.fetch(_COUNTED)] == recount
    return recount


async def abandon(router: Router, contact: str) -> None:
    async with router.units.begin() as unit:
        found = await unit.connection.fetchval("SELECT id FROM interactions WHERE contact = $1", contact)
        row = await interactions.lock(unit.connection, found)
        assert row is not None
        await lifecycle.abandon(unit, row)


async def work_at_random(router: Router, agent: Caller, seed: int) -> None:
    """Accepts, declines, gives back, closes."""
    dice = random.Random(seed)
    for _ in range(12):
        snapshot = await agent.snapshot()
        for offer in snapshot["offers"]:
            wish = dice.choice(["acceptance", "acceptance", "refusal"])
            await router.client.post(f"/v1/offers/{offer['id']}/{wish}", headers=agent.headers)
        for row in snapshot["interactions"]:
            step, body = dice.choice([("closure", {"disposition": "solved"}), ("wrap-up", None), ("hold", None)])
            await router.client.post(f"/v1/interactions/{row['id']}/{step}", json=body, headers=agent.headers)
        await agent.be("available")


async def test_the_counts_are_those_of_a_recount_whatever_happens_at_once(router: Router) -> None:
    await router.queue("mail", answer_target_seconds=60)
    await router.queue("later", channels=["partner"])
    await router.disposition()
    agents = [await router.agent(mail=3, name=f"A{number}") for number in range(3)]

    async def customers(number: int) -> None:
        for turn in range(3):
            await router.arrive(f"c{number}-{turn}@customer.example", queue="mail" if number % 2 else "later")
            await asyncio.sleep(0.02)

    await router.arrive("early@customer.example")
    await asyncio.gather(
        *(customers(number) for number in range(8)),
        *(work_at_random(router, agent, seed) for seed, agent in enumerate(agents)),
    )
    router.clock.advance(minutes=16)
    await router.arrive("left@customer.example", queue="later")
    for agent in agents:
        await agent.be("break")
    await router.arrive("gone@customer.example")
    await abandon(router, "gone@customer.example")
    recount = await agreed(router)
    assert sum(row["offered"] for row in recount) == 27
    assert sum(row["answered"] for row in recount) > 0
    assert sum(row["abandoned"] for row in recount) == 1


async def test_given_back_and_answered_again_is_one_answer(router: Router) -> None:
    await router.queue("mail", answer_target_seconds=60)
    agent = await router.agent()
    await router.arrive()
    await agent.accept()
    router.clock.advance(seconds=router.settings.presence_lease_seconds + 1)
    other = await router.agent(name="Other")
    await other.accept()
    [row] = await agreed(router)
    assert (row["offered"], row["answered"], row["answered_in_target"]) == (1, 1, 1)


async def test_every_number_is_what_its_word_says(router: Router) -> None:
    queue = await router.queue("mail", answer_target_seconds=30)
    await router.disposition()
    agent = await router.agent(mail=1, name="Free")
    await router.arrive("first@customer.example")
    await agent.accept()  # In target.
    await router.arrive("second@customer.example")
    await router.arrive("third@customer.example")
    router.clock.advance(seconds=31)
    await agent.be("available")
    await abandon(router, "second@customer.example")  # After the target.
    await router.arrive("fourth@customer.example")  # Waits, and its target has not passed.
    seen = await board(router)
    [mail] = [each for each in seen["queues"] if each["id"] == queue["id"]]
    assert (mail["offered"], mail["answered"], mail["abandoned"], mail["waiting"]) == (4, 1, 1, 2)
    assert mail["longest_wait_seconds"] > 30
    assert mail["service_level_today"] == {"share": 1 / 3, "answered_in_target": 1, "of": 3}
    assert mail["service_level_now"] == mail["service_level_today"]
    assert 0 <= mail["average_speed_of_answer_seconds"] < 10
    assert seen["totals"]["waiting"] == 2
    assert len(seen["intervals"]) == 16
    last = [sum(each[name] for each in seen["intervals"]) for name in ("offered", "answered", "abandoned")]
    assert last == [4, 1, 1]
    assert "answered_in_target" in seen["service_level_formula"]


async def test_each_agent_counts_once(router: Router) -> None:
    await router.queue("mail")
    await router.queue("more", channels=["partner"])
    busy = await router.agent(name="Has work", mail=1)
    await router.arrive()
    await busy.accept()
    finishing = await router.agent(name="Finishes")
    await router.arrive("second@customer.example")

    async def finish() -> bool:
        offers = (await finishing.snapshot())["offers"]
        if not offers:
            return False
        await finishing.send("POST", f"/v1/offers/{offers[0]['id']}/acceptance")
        path = f"/v1/interactions/{offers[0]['interaction']['id']}"
        await finishing.send("POST", f"{path}/wrap-up")
        return True

    await eventually(finish)
    await router.agent(name="Free")
    await router.agent(name="Lunch", status="break")
    await router.agent(name="Meeting", status="busy")
    await router.agent(name="Home", status=None)
    assert (await board(router))["totals"]["agents"] == {"available": 1, "busy": 2, "wrap_up": 1, "away": 1}
    router.clock.advance(seconds=61 // 2)
    await finishing.be("available")
    snapshot = await router.supervisor().get("/v1/supervision/snapshot")
    assert snapshot["totals"]["agents"]["wrap_up"] == 1


async def test_the_board_is_for_those_who_may_see_it_and_names_nobody(router: Router) -> None:
    agent = await router.agent(name="Li Na")
    seen = await router.client.get("/v1/wall-board", headers=agent.headers)
    assert seen.status_code == 200
    assert "Li Na" not in seen.text
    assert agent.subject not in seen.text
    colleague = router.caller(["complaints:work", "people:read"])
    assert (await router.client.get("/v1/wall-board", headers=colleague.headers)).status_code == 403
