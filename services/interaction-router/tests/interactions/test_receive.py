import asyncio
from uuid import UUID

import asyncpg
import pytest

from careline.ids import encode, new_id
from interaction_router.customers.client import Resolution
from interaction_router.interactions.receive import DuplicateMessageError
from interaction_router.interactions.states import TRANSITIONS, State

from ..factories import Router, eventually


async def test_parallel_first_messages_of_one_sender_open_one_interaction(router: Router) -> None:
    await router.queue()
    joined = await asyncio.gather(*(router.arrive(text=f"message {n}") for n in range(12)))
    assert len({each.interaction_id for each in joined}) == 1
    assert sum(each.opened for each in joined) == 1
    seqs = [row["seq"] for row in await router.fetch("SELECT seq FROM messages ORDER BY seq")]
    assert seqs == list(range(1, 13))


async def test_the_same_external_id_is_one_message(router: Router) -> None:
    await router.queue()
    results = await asyncio.gather(
        *(router.arrive(external_id="<same@customer.example>") for _ in range(6)), return_exceptions=True
    )
    assert sum(isinstance(each, DuplicateMessageError) for each in results) == 5
    with pytest.raises(DuplicateMessageError):
        await router.arrive("another@customer.example", external_id="<same@customer.example>")
    assert await router.value("SELECT count(*) FROM messages") == 1
    assert await router.value("SELECT count(*) FROM interactions") == 1


async def test_the_next_matter_of_a_contact_is_linked_and_goes_to_the_last_agent(router: Router) -> None:
    await router.queue()
    await router.disposition()
    first = await router.agent(name="First")
    await router.arrive()
    interaction_id = await first.accept()
    await router.agent(name="Idle longer")
    closed = await first.send("POST", f"/v1/interactions/{interaction_id}/closure", {"disposition": "solved"})
    assert closed["state"] == "closed"
    await router.arrive(text="It drips again")
    offer = await first.offer()
    assert offer["why"]["because"] == "last_agent"
    detail = await first.get(f"/v1/interactions/{offer['interaction']['id']}")
    assert detail["previous_interaction_id"] == interaction_id


async def test_who_writes_in_wrap_up_is_not_closed_away_unread(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    interaction_id = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/wrap-up")
    await router.arrive(text="One more thing")
    detail = await agent.get(f"/v1/interactions/{interaction_id}")
    assert (detail["state"], detail["unread"]) == ("active", 2)


async def test_without_a_queue_work_is_not_lost(router: Router) -> None:
    await router.arrive()
    assert await router.value("SELECT q.key FROM interactions i JOIN queues q ON q.id = i.queue_id") == "general"


async def test_a_late_history_is_filled_in(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await router.arrive()
    interaction_id = await agent.accept()
    row = (await agent.snapshot())["interactions"][0]
    assert row["customer"]["history"] == "late"
    customer_id = new_id()
    router.profile.answer = Resolution(
        customer_id=customer_id, name="李伟", tier="gold", language="zh-CN", match="claimed"
    )

    async def ready() -> bool:
        return bool((await agent.snapshot())["interactions"][0]["customer"]["history"] == "ready")

    await eventually(ready, seconds=8)
    customer = (await agent.snapshot())["interactions"][0]["customer"]
    assert customer == {
        "id": encode("cus", customer_id),
        "name": "李伟",
        "identity": "claimed",
        "tier": "gold",
        "history": "ready",
    }
    assert ("interaction.customer_linked") in [kind for kind, _ in await router.events(interaction_id)]


async def test_the_database_refuses_every_transition_that_is_not_in_the_table(router: Router) -> None:
    await router.queue()
    await router.disposition()
    agent = await router.agent(status="busy")
    joined = await router.arrive()
    allowed = set(TRANSITIONS)
    for before in State:
        for after in State:
            assert await _database_allows(router, joined.interaction_id, agent.id, before, after) == (
                (before, after) in allowed or before == after
            ), (before, after)


async def _database_allows(router: Router, work: UUID, agent: UUID, before: State, after: State) -> bool:
    """Try the transition in a transaction that is thrown away."""
    statement = """
        UPDATE interactions SET state = $2, disposition = 'solved', closed_at = updated_at,
            held_at = CASE WHEN $2 = 'held' THEN updated_at END,
            agent_id = CASE WHEN $2 IN ('queued', 'offered') THEN NULL ELSE $3::uuid END
        WHERE id = $1
    """

    async with router.units.database.read_raw() as connection:
        undo = connection.transaction()
        await undo.start()
        try:
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(statement, work, before.value, agent)
            await connection.execute("SET LOCAL session_replication_role = origin")
            await connection.execute(statement, work, after.value, agent)
        except asyncpg.CheckViolationError:
            return False
        else:
            return True
        finally:
            await undo.rollback()


def test_a_language_that_the_profile_assumed_decides_nothing() -> None:
    known = Resolution(customer_id=new_id(), name="李伟", tier=None, language="zh-CN", match="claimed")
    assert known.known_language == "zh-CN"
    assert known.model_copy(update={"created": True}).known_language is None
