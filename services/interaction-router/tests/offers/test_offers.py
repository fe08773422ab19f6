import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from careline.ids import decode, new_id
from interaction_router.interactions.schemas import OfferReason
from interaction_router.offers import service
from interaction_router.offers.repository import NewOffer, OfferGone

from ..factories import Router, eventually

pytestmark = pytest.mark.asyncio


async def test_the_agent_with_the_skill_gets_the_work_and_takes_it(router: Router) -> None:
    await router.queue("mail", "plumbing")
    able = await router.agent("plumbing", name="Able")
    await router.agent(name="Unable")
    joined = await router.arrive()
    offer = await able.offer()
    assert offer["why"]["skills"] == ["plumbing"]
    assert offer["interaction"]["customer"] == {
        "id": None,
        "name": "Li Wei",
        "identity": "claimed",
        "tier": None,
        "history": "late",
    }
    taken = await able.send("POST", f"/v1/offers/{offer['id']}/acceptance")
    assert taken["state"] == "active"
    assert taken["can"]["reply"]
    kinds = [kind for kind, _ in await router.events(taken["id"])]
    assert kinds == [
        "interaction.opened",
        "interaction.message_received",
        "interaction.offered",
        "interaction.accepted",
    ]
    decisions = await able.get(f"/v1/interactions/{taken['id']}/decisions")
    assert {each["name"]: each["because"] for each in decisions[0]["reasons"]} == {
        "Able": "longest_idle",
        "Unable": "lacks_skill",
    }
    assert decisions[0]["replayed"]
    assert joined.opened


async def test_of_many_acceptances_one_wins(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    offer = await agent.offer()
    path = f"/v1/offers/{offer['id']}/acceptance"
    answers = await asyncio.gather(*(router.client.post(path, headers=agent.headers) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * 7]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json()["type"].endswith("offer-gone")
    assert await router.value("SELECT used FROM agent_capacity WHERE agent_id = $1 AND channel = 'mail'", agent.id) == 1


async def test_a_declined_offer_goes_to_somebody_else_with_its_age(router: Router) -> None:
    await router.queue()
    first = await router.agent(name="First")
    joined = await router.arrive()
    before = await router.value("SELECT waiting_since FROM interactions WHERE id = $1", joined.interaction_id)
    offer = await first.offer()
    second = await router.agent(name="Second")
    await first.send("POST", f"/v1/offers/{offer['id']}/refusal", {"reason": "busy"}, status=204)
    again = await second.offer()
    assert again["interaction"]["id"] == offer["interaction"]["id"]
    assert (await first.snapshot())["offers"] == []
    after = await router.value("SELECT waiting_since FROM interactions WHERE id = $1", joined.interaction_id)
    assert after == before
    await first.send("POST", f"/v1/offers/{offer['id']}/acceptance", status=409)
    await first.send("POST", f"/v1/offers/{again['id']}/acceptance", status=404)


async def test_no_answer_requeues_and_marks_the_agent(router: Router) -> None:
    await router.queue()
    silent = await router.agent(name="Silent")
    await router.arrive()
    await silent.offer()
    other = await router.agent(name="Other")
    router.clock.advance(seconds=21)
    await other.be("available")
    assert (await other.offer())["interaction"]["subject"] == "Tap"
    snapshot = await silent.snapshot()
    assert snapshot["offers"] == []
    assert snapshot["agent"]["presence"]["status"] == "available"
    assert snapshot["agent"]["presence"]["not_responding"]
    await silent.be("available")
    assert not (await silent.snapshot())["agent"]["presence"]["not_responding"]


async def test_a_lone_agent_who_missed_is_asked_again_when_she_is_back(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    missed = await agent.offer()
    router.clock.advance(seconds=21)

    async def requeued() -> bool:
        return bool(await router.value("SELECT count(*) FROM interactions WHERE state = 'queued'"))

    await eventually(requeued)
    await agent.be("available")
    assert (await agent.offer())["id"] != missed["id"]


async def test_an_offer_is_not_taken_after_its_deadline_even_before_it_is_reaped(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    offer_id = decode("off", (await agent.offer())["id"])
    async with router.units.begin() as unit:
        unit.now += timedelta(seconds=21)
        with pytest.raises(OfferGone):
            await service.accept(unit, offer_id, agent.id)


async def test_two_pieces_of_work_cannot_claim_the_same_room(router: Router) -> None:
    await router.queue("mail", "nobody-has-this")
    agent = await router.agent(mail=1)
    works = [(await router.arrive(f"c{n}@customer.example")).interaction_id for n in range(4)]

    async def decided() -> bool:
        return bool(await router.value("SELECT bool_and(waiting_reason IS NOT NULL) FROM interactions"))

    # The decider has no reason to touch them any more.
    await eventually(decided)

    async def claim(work: UUID) -> bool:
        async with router.units.begin() as unit:
            why = OfferReason(skills=[], waited_seconds=0, because="longest_idle")
            new = NewOffer(new_id(), work, agent.id, "mail", unit.now + timedelta(seconds=20), why)
            return bool(await service.make(unit, [new], new_id()))

    results = await asyncio.gather(*(claim(work) for work in works), return_exceptions=True)
    assert results.count(True) == 1
    assert sum(isinstance(each, asyncpg.CheckViolationError) for each in results) == 3
    assert len((await agent.snapshot())["offers"]) == 1


async def test_decline_against_timeout_ends_the_offer_once(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    offer = await agent.offer()
    router.clock.advance(seconds=20)
    await router.client.post(f"/v1/offers/{offer['id']}/refusal", headers=agent.headers)

    async def ended() -> bool:
        return bool(await router.value("SELECT count(*) FROM offers WHERE state <> 'open'"))

    await eventually(ended)
    await asyncio.sleep(0.5)
    requeued = [kind for kind, _ in await router.events() if kind == "interaction.requeued"]
    assert len(requeued) == 1
    assert await router.value("SELECT count(*) FROM capacity_claims") == 0


async def test_an_agent_who_goes_away_during_the_offer_loses_it(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    offer = await agent.offer()
    router.clock.advance(seconds=router.settings.presence_lease_seconds + 1)

    async def offline() -> bool:
        return bool((await agent.snapshot())["agent"]["presence"]["status"] == "offline")

    await eventually(offline)
    await agent.send("POST", f"/v1/offers/{offer['id']}/acceptance", status=409)
    assert await router.value("SELECT state FROM interactions") == "queued"
    other = await router.agent(name="Other")
    assert await other.offer()


async def test_work_in_hand_goes_back_when_the_agent_is_gone(router: Router) -> None:
    await router.queue()
    gone = await router.agent(name="Gone")
    await router.arrive()
    interaction_id = await gone.accept()
    other = await router.agent(name="Other")
    router.clock.advance(seconds=router.settings.presence_lease_seconds + 1)
    await other.be("available")
    assert (await other.offer())["interaction"]["id"] == interaction_id
    assert (await gone.snapshot())["interactions"] == []
    causes = [data["cause"] for kind, data in await router.events() if kind == "interaction.requeued"]
    assert causes == ["presence_lost"]


async def test_capacity_holds_and_freed_capacity_takes_the_oldest(router: Router) -> None:
    await router.queue()
    await router.disposition()
    agent = await router.agent(mail=2)
    for number in range(4):
        await router.arrive(f"c{number}@customer.example")
    first = await agent.accept()
    await agent.accept()
    await asyncio.sleep(0.3)
    assert (await agent.snapshot())["offers"] == []
    reasons = {row["waiting_reason"] for row in await router.fetch("SELECT * FROM interactions WHERE state='queued'")}
    assert reasons == {"all_at_capacity"}
    await agent.send("POST", f"/v1/interactions/{first}/closure", {"disposition": "solved"})
    third = await agent.offer()
    contact = await router.value(
        "SELECT contact FROM interactions i JOIN offers o ON o.interaction_id = i.id WHERE o.state = 'open'"
    )
    assert contact == "c2@customer.example"
    assert third["why"]["because"] in {"longest_idle", "last_agent"}


async def test_nobody_has_the_skill_so_it_waits_and_is_seen(router: Router) -> None:
    await router.queue("mail", "law")
    await router.agent("plumbing")
    joined = await router.arrive()
    boss = router.supervisor()

    async def reason() -> bool:
        waiting = await boss.get("/v1/supervision/waiting")
        return bool(waiting) and waiting[0]["reason"] == "nobody_has_skill"

    await eventually(reason)
    snapshot = await boss.get("/v1/supervision/snapshot")
    queue = next(each for each in snapshot["queues"] if each["name"] == "Mail")
    assert (queue["waiting"], queue["agents_with_skill"], queue["agents_available"]) == (1, 0, 0)
    assert joined.opened
