"""Hold and wrap-up: whose it is, what it costs, and that the server's time ends it without taking anything away."""

import asyncio
from typing import Any

from careline.ids import encode, new_id

from ..factories import Caller, Router, eventually


async def used(router: Router, agent: Caller) -> tuple[int, int]:
    row = (
        await router.fetch(
            "SELECT used, capacity_limit FROM agent_capacity WHERE agent_id = $1 AND channel = 'mail'", agent.id
        )
    )[0]
    return row["used"], row["capacity_limit"]


async def in_wrap_up(router: Router, *, seconds: int = 30, mail: int = 1) -> tuple[Caller, str]:
    await router.queue(wrap_up_seconds=seconds)
    await router.disposition()
    agent = await router.agent(mail=mail)
    await router.arrive()
    interaction_id = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/wrap-up")
    return agent, interaction_id


async def until_released(router: Router, agent: Caller) -> None:
    async def free() -> bool:
        return (await used(router, agent))[0] == 0

    await eventually(free)


async def test_on_hold_it_stays_hers_and_keeps_her_capacity(router: Router) -> None:
    await router.queue()
    agent = await router.agent(mail=1)
    await router.arrive()
    path = f"/v1/interactions/{await agent.accept()}"
    held = await agent.send("POST", f"{path}/hold")
    assert held["state"] == "held"
    assert held["held_at"] is not None
    assert held["can"] == {
        "reply": False, "note": True, "verify": False, "hold": False, "wrap_up": True, "resume": True, "close": True,
    }  # fmt: skip
    await router.arrive(text="Are you there?")
    assert (await agent.get(path))["state"] == "held"
    assert (await agent.get(path))["unread"] == 2
    assert await used(router, agent) == (1, 1)
    await agent.send("POST", f"{path}/hold", status=409)
    await agent.send("POST", f"{path}/messages", {"kind": "reply", "text": "Yes."}, status=409)
    active = await agent.send("POST", f"{path}/resumption")
    assert (active["state"], active["held_at"]) == ("active", None)
    said = [(kind, data.get("cause")) for kind, data in await router.events() if "held" in kind or "resumed" in kind]
    assert said == [("interaction.held", "put_on_hold"), ("interaction.resumed", "taken_off_hold")]


async def test_on_hold_it_goes_back_when_the_agent_is_gone(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    interaction_id = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/hold")
    other = await router.agent(name="Other")
    router.clock.advance(seconds=router.settings.presence_lease_seconds + 1)
    await other.be("available")
    assert (await other.offer())["interaction"]["id"] == interaction_id


async def test_the_end_of_the_wrap_up_frees_the_agent_and_takes_nothing(router: Router) -> None:
    agent, interaction_id = await in_wrap_up(router, seconds=30)
    path = f"/v1/interactions/{interaction_id}"
    draft = {"text": "Called, will", "kind": "note", "version": 0}
    await agent.send("PUT", f"{path}/draft", draft)
    before = await agent.get(path)
    assert before["wrap_up_until"] > before["wrap_up_at"]
    await router.arrive("next@customer.example")
    await asyncio.sleep(0.5)
    assert (await agent.snapshot())["offers"] == []
    router.clock.advance(seconds=31)
    await agent.be("available")
    assert await agent.offer()
    after = await agent.get(path)
    assert (after["state"], after["can"]["close"]) == ("wrap_up", True)
    assert (await agent.get(f"{path}/draft"))["text"] == "Called, will"
    closed = await agent.send("POST", f"{path}/closure", {"disposition": "solved"})
    assert closed["state"] == "closed"
    assert await used(router, agent) == (1, 1)


async def test_the_wrap_up_ends_when_the_page_is_gone_too(router: Router) -> None:
    agent, interaction_id = await in_wrap_up(router, seconds=30)
    router.clock.advance(seconds=router.settings.presence_lease_seconds + 31)
    await until_released(router, agent)
    assert (await agent.get(f"/v1/interactions/{interaction_id}"))["state"] == "wrap_up"
    assert await router.value("SELECT presence FROM agents WHERE id = $1", agent.id) == "offline"


async def test_whoever_goes_on_after_the_time_takes_it_beside_the_new_work(router: Router) -> None:
    agent, interaction_id = await in_wrap_up(router, seconds=0)
    await until_released(router, agent)
    await router.arrive("next@customer.example")
    second = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/resumption")
    assert await used(router, agent) == (2, 2)
    await agent.send("POST", f"/v1/interactions/{second}/closure", {"disposition": "solved"})
    assert await used(router, agent) == (1, 1)
    await router.arrive("third@customer.example")
    await asyncio.sleep(0.5)
    assert (await agent.snapshot())["offers"] == []


async def test_a_customer_who_writes_when_the_agent_is_gone_is_answered_by_somebody_else(router: Router) -> None:
    _, interaction_id = await in_wrap_up(router)
    router.clock.advance(seconds=router.settings.presence_lease_seconds + 1)

    async def offline() -> bool:
        return bool(await router.value("SELECT presence = 'offline' FROM agents"))

    await eventually(offline)
    await router.arrive(text="One more thing")
    other = await router.agent(name="Other")
    assert (await other.offer())["interaction"]["id"] == interaction_id
    assert [data["cause"] for kind, data in await router.events() if kind == "interaction.requeued"] == [
        "customer_wrote"
    ]


async def test_parallel_acceptances_of_one_agent_do_not_wait_for_one_another_in_a_ring(router: Router) -> None:
    await router.queue()
    agent = await router.agent(mail=12)
    for number in range(12):
        await router.arrive(f"c{number}@customer.example")

    async def all_offered() -> Any:
        offers = (await agent.snapshot())["offers"]
        return offers if len(offers) == 12 else None

    offers = await eventually(all_offered)
    await asyncio.gather(*(agent.send("POST", f"/v1/offers/{each['id']}/acceptance", status=200) for each in offers))


async def test_a_supervisor_finishes_what_its_agent_left_after_the_time(router: Router) -> None:
    agent, interaction_id = await in_wrap_up(router, seconds=30)
    boss = router.supervisor()
    path = f"/v1/supervision/unfinished/{interaction_id}/closure"
    # While the time runs it is the agent's alone.
    assert await boss.get("/v1/supervision/unfinished") == []
    refused = await boss.send("POST", path, {"disposition": "solved"}, status=409)
    assert refused["type"].endswith("wrong-state")
    router.clock.advance(seconds=31)
    (left,) = await boss.get("/v1/supervision/unfinished")
    assert (left["interaction_id"], left["agent"]["id"]) == (interaction_id, agent.subject)
    assert (await boss.get("/v1/supervision/snapshot"))["unfinished"] == 1
    await agent.send("POST", path, {"disposition": "solved"}, status=403)
    await boss.send("POST", path, {"disposition": "no such"}, status=422)
    await boss.send("POST", path, {"disposition": "solved", "note": "Asked her."}, status=204)
    await boss.send("POST", path, {"disposition": "solved"}, status=409)
    assert await boss.get("/v1/supervision/unfinished") == []
    closed = await boss.get(f"/v1/interactions/{interaction_id}")
    assert (closed["state"], closed["disposition"], closed["disposition_note"]) == ("closed", "solved", "Asked her.")
    assert (await agent.snapshot())["interactions"] == []
    (said,) = [data for kind, data in await router.events() if kind == "interaction.closed"]
    assert (said["agent_id"], said["closed_by"]) == (agent.subject, boss.subject)
    await boss.send(
        "POST", f"/v1/supervision/unfinished/{encode('int', new_id())}/closure", {"disposition": "solved"}, status=404
    )
