"""Several deciders at once, kills and drifts: the database has the last word."""

import asyncio

import asyncpg
import pytest

from careline.ids import new_id
from careline.leases import Lease, LeaseLostError
from interaction_router.routing.decider import SWEEP_SECONDS, Decider

from ..factories import Router, eventually


async def force_decide(router: Router, count: int) -> list[object]:
    """Deciders that each believe to hold the lease, at the same moment."""
    deciders = []
    for _ in range(count):
        lease = Lease(router.units.database, f"rival-{new_id()}", ttl_seconds=30)
        await lease.acquire()
        deciders.append(Decider(router.units, lease, 300))
    return await asyncio.gather(*(each.decide_once() for each in deciders), return_exceptions=True)


async def test_parallel_deciders_never_exceed_capacity_nor_offer_twice(router: Router) -> None:
    await router.queue()
    agents = [await router.agent(mail=2, status="busy", name=f"A{n}") for n in range(3)]
    for number in range(12):
        await router.arrive(f"c{number}@customer.example")
    for agent in agents:
        await agent.be("available")
    for _ in range(4):
        results = await force_decide(router, 4)
        faults = [each for each in results if isinstance(each, BaseException)]
        assert all(isinstance(each, asyncpg.CheckViolationError | asyncpg.DeadlockDetectedError) for each in faults)

    async def all_given() -> bool:
        return bool(await router.value("SELECT count(*) FROM offers WHERE state = 'open'") == 6)

    await eventually(all_given)
    used = await router.fetch("SELECT used, capacity_limit FROM agent_capacity WHERE channel = 'mail'")
    assert [(row["used"], row["capacity_limit"]) for row in used] == [(2, 2)] * 3
    twice = await router.fetch("SELECT interaction_id FROM offers WHERE state='open' GROUP BY 1 HAVING count(*) > 1")
    assert twice == []


async def test_a_decider_that_lost_its_lease_carries_nothing_out(router: Router) -> None:
    await router.queue()
    lease = Lease(router.units.database, "fenced", ttl_seconds=30)
    await lease.acquire()
    rival = Lease(router.units.database, "fenced", ttl_seconds=30)
    await router.fetch("UPDATE leases SET expires_at = clock_timestamp() WHERE name = 'fenced'")
    assert await rival.acquire()
    await router.arrive()
    with pytest.raises(LeaseLostError):
        await Decider(router.units, lease, 300).decide_once()


async def test_capacity_lowered_below_the_work_in_hand_holds_as_it_empties(router: Router) -> None:
    await router.queue()
    await router.disposition()
    agent = await router.agent(mail=3)
    for number in range(5):
        await router.arrive(f"c{number}@customer.example")
    taken = [await agent.accept() for _ in range(3)]
    body = {"skills": [], "capacity": {"mail": 1, "chat": 0}}
    await router.supervisor().send("PUT", f"/v1/agents/{agent.subject}/skills", body)
    for interaction_id in taken[:2]:
        await agent.send("POST", f"/v1/interactions/{interaction_id}/closure", {"disposition": "solved"})
    await asyncio.sleep(0.4)
    assert (await agent.snapshot())["offers"] == []
    await agent.send("POST", f"/v1/interactions/{taken[2]}/closure", {"disposition": "solved"})
    assert await agent.offer()


async def test_a_signal_of_another_process_is_found_without_a_hint(router: Router) -> None:
    await router.queue("mail", "law")
    agent = await router.agent()
    await router.arrive()
    await asyncio.sleep(0.3)
    async with router.units.database.write_raw() as connection:
        await connection.execute("INSERT INTO agent_skills VALUES ($1, 'law', 5)", agent.id)
        await connection.execute("INSERT INTO routing_signals DEFAULT VALUES")
    assert await agent.offer()


async def test_why_a_busy_row_waits_is_said_as_soon_as_the_row_is_free(router: Router) -> None:
    """The lookup of the customer locks what has just come in, at the moment when it is first decided on."""
    await router.queue("mail", "law")
    await router.arrive()

    async def said() -> bool:
        return bool(await router.value("SELECT waiting_reason FROM interactions") == "nobody_has_skill")

    await eventually(said)
    await router.fetch("UPDATE interactions SET waiting_reason = NULL")
    async with router.units.database.write_raw() as locking:
        await locking.execute("SELECT FROM interactions FOR NO KEY UPDATE")
        await router.fetch("INSERT INTO routing_signals DEFAULT VALUES")
        # Long enough to be decided on, and to have been forgotten until the sweep.
        await asyncio.sleep(0.3)
    await eventually(said, seconds=SWEEP_SECONDS / 2)


async def test_random_actions_of_many_agents_keep_every_promise(router: Router) -> None:
    """Agents accept, decline, leave and close at random while work pours in; the books must balance."""
    await router.queue()
    await router.disposition()
    agents = [await router.agent(mail=2, name=f"A{n}") for n in range(4)]

    async def customer(number: int) -> None:
        for turn in range(4):
            await router.arrive(f"c{number}@customer.example", f"message {turn}")
            await asyncio.sleep(0.02 * (number % 3))

    async def work(position: int) -> None:
        agent = agents[position]
        for step in range(25):
            snapshot = await agent.snapshot()
            for offer in snapshot["offers"]:
                wish = "refusal" if (step + position) % 4 == 0 else "acceptance"
                await router.client.post(f"/v1/offers/{offer['id']}/{wish}", headers=agent.headers)
            for row in snapshot["interactions"]:
                path = f"/v1/interactions/{row['id']}/closure"
                await router.client.post(path, json={"disposition": "solved"}, headers=agent.headers)
            if step % 7 == position:
                await agent.be("break")
            await agent.be("available")

    await asyncio.gather(*(customer(n) for n in range(10)), *(work(n) for n in range(4)))
    balance = await router.fetch(
        """
        SELECT c.used, (SELECT count(*) FROM capacity_claims k WHERE k.agent_id = c.agent_id AND k.channel = c.channel)
            AS claimed, (SELECT count(*) FROM interactions i WHERE i.agent_id = c.agent_id AND i.state = 'active')
            + (SELECT count(*) FROM offers o WHERE o.agent_id = c.agent_id AND o.state = 'open') AS held
        FROM agent_capacity c WHERE c.channel = 'mail'
        """
    )
    assert all(row["used"] == row["claimed"] == row["held"] for row in balance)
    gaps = await router.value(
        """
        SELECT count(*) FROM (SELECT max(seq) - count(*) AS gap FROM messages GROUP BY interaction_id) g
        WHERE gap <> 0
        """
    )
    assert gaps == 0
    assert await router.value("SELECT count(*) FROM messages") == 40
    sequences = await router.value(
        """
        SELECT count(*) FROM (SELECT aggregateid, max(sequence) - count(*) AS gap FROM outbox
            WHERE aggregatetype = 'interaction' GROUP BY 1) g WHERE gap < 0
        """
    )
    assert sequences == 0
