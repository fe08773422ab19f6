"""Calls that agents make for care."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from careline.ids import decode, encode
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.tasks import PhoneTasks

from ..factories import Caller, Router
from .care import Care
from .work import due, facts, said, state

PHONE = "+8613800138000"


@pytest.fixture
def tasks(office: Office) -> PhoneTasks:
    return PhoneTasks(office)


async def a_call(router: Router, tasks: PhoneTasks, care: Care, **named: Any) -> UUID:
    (care_id,) = await due(router, means="phone_task", **named)
    care.addresses[care_id] = PHONE
    assert await tasks.open_due() == 1
    return care_id


async def make(agent: Caller, outcome: str) -> str:
    """Take the call and say what came of it."""
    interaction_id = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/closure", {"disposition": outcome})
    return interaction_id


async def test_a_call_is_offered_with_its_script_and_its_outcome_is_told(
    router: Router, tasks: PhoneTasks, care: Care
) -> None:
    agent = await router.agent("phone_care")
    care_id = await a_call(router, tasks, care, reference="inv_1", purpose="survey")
    assert await state(router, care_id) == "handed"
    interaction_id = await agent.accept()
    detail = await agent.get(f"/v1/interactions/{interaction_id}")
    assert detail["channel"] == "phone_task"
    assert detail["customer"]["name"] == "李伟"
    customer_id = await router.value("SELECT customer_id FROM deliveries WHERE care_id = $1", care_id)
    assert detail["customer"]["id"] == encode("cus", customer_id)
    assert [(each["type"], each["value"]) for each in detail["identifiers"]] == [("phone", PHONE)]
    task = detail["task"]
    assert task["care_id"] == encode("car", care_id)
    assert (task["reference"], task["attempt"], task["script"]) == ("inv_1", 1, care.item(care_id)["script"])
    assert detail["can"]["reply"] is False
    (message,) = (await agent.get(f"/v1/interactions/{interaction_id}/messages"))["items"]
    assert (message["kind"], message["text"]) == ("system", task["script"])
    closed = await agent.send("POST", f"/v1/interactions/{interaction_id}/closure", {"disposition": "reached"})
    assert closed["state"] == "closed"
    assert await state(router, care_id) == "completed"
    assert await said(router, care_id) == ["delivery.completed"]
    told = await facts(router, care_id)
    assert (told["outcome"], told["attempts"], told["interaction_id"]) == ("reached", 1, interaction_id)


async def test_a_call_is_closed_by_an_outcome_of_calls_and_a_mail_by_none_of_them(
    router: Router, tasks: PhoneTasks, care: Care
) -> None:
    await router.queue()
    await router.disposition()
    agent = await router.agent("phone_care")
    await a_call(router, tasks, care)
    call = await agent.accept()
    await router.arrive()
    mail = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{call}/closure", {"disposition": "solved"}, status=422)
    await agent.send("POST", f"/v1/interactions/{mail}/closure", {"disposition": "reached"}, status=422)
    await agent.send("POST", f"/v1/interactions/{mail}/closure", {"disposition": "solved"})
    offered = {each["code"]: each["channel"] for each in await agent.get("/v1/dispositions")}
    assert offered["solved"] is None
    assert offered["no_answer"] == "phone_task"


async def test_who_does_not_answer_is_tried_three_times_two_hours_apart(
    router: Router, tasks: PhoneTasks, care: Care
) -> None:
    agent = await router.agent("phone_care")
    care_id = await a_call(router, tasks, care)
    for attempt in (1, 2, 3):
        await agent.be("available")
        interaction_id = await make(agent, "no_answer")
        assert (await agent.get(f"/v1/interactions/{interaction_id}"))["task"]["attempt"] == attempt
        assert await tasks.open_due() == 0
        router.clock.advance(hours=2, seconds=1)
        assert await tasks.open_due() == (1 if attempt < 3 else 0)
    assert await said(router, care_id) == ["delivery.completed"]
    told = await facts(router, care_id)
    assert (told["outcome"], told["attempts"]) == ("no_answer", 3)


async def test_nobody_is_called_again_after_the_time_is_over(router: Router, tasks: PhoneTasks, care: Care) -> None:
    agent = await router.agent("phone_care")
    care_id = await a_call(router, tasks, care, hours=1)
    await make(agent, "call_back")
    assert (await facts(router, care_id))["outcome"] == "call_back"


async def test_a_call_that_nobody_can_make_waits_visibly_and_expires(
    router: Router, tasks: PhoneTasks, care: Care
) -> None:
    await router.agent("plumbing")
    care_id = await a_call(router, tasks, care, hours=3)

    async def reason() -> Any:
        return await router.value("SELECT waiting_reason FROM interactions")

    while await reason() is None:
        await asyncio.sleep(0.02)
    assert await reason() == "nobody_has_skill"
    await tasks.withdraw_overdue()
    assert await state(router, care_id) == "handed"
    router.clock.advance(hours=4)
    await tasks.withdraw_overdue()
    assert await state(router, care_id) == "cancelled"
    assert (await facts(router, care_id))["gate"] == "expired"
    assert await router.value("SELECT state FROM interactions") == "abandoned"


async def test_two_replicas_open_a_call_once(router: Router, tasks: PhoneTasks, care: Care) -> None:
    ids = await due(router, 10, means="phone_task")
    for each in ids:
        care.addresses[each] = PHONE
    await asyncio.gather(tasks.open_due(), tasks.open_due(), tasks.open_due())
    assert await router.value("SELECT count(*) FROM interactions") == 10
    assert await router.value("SELECT count(*) FROM phone_tasks") == 10


async def test_an_opener_that_was_overtaken_opens_nothing(router: Router, tasks: PhoneTasks, care: Care) -> None:
    (care_id,) = await due(router, means="phone_task")
    care.addresses[care_id] = PHONE
    # Between claiming and opening another process claims the same call.
    real = tasks.office.contents.of

    async def slowly(care_ids: Any) -> Any:
        found = await real(care_ids)
        await router.fetch("UPDATE deliveries SET claim = claim + 1")
        return found

    tasks.office.contents.of = slowly  # type: ignore[method-assign]
    await tasks.open_due()
    assert await router.value("SELECT count(*) FROM interactions") == 0
    assert await state(router, care_id) == "queued"


async def test_a_call_without_a_number_or_without_consent_is_not_made(
    router: Router, tasks: PhoneTasks, care: Care
) -> None:
    nowhere, withdrawn = await due(router, 2, means="phone_task")
    care.addresses[nowhere] = None
    care.withdrawn[withdrawn] = "consent"
    await tasks.open_due()
    assert [await state(router, each) for each in (nowhere, withdrawn)] == ["failed", "cancelled"]
    assert await router.value("SELECT count(*) FROM interactions") == 0


async def test_the_call_belongs_to_who_is_to_be_called(router: Router, tasks: PhoneTasks, care: Care) -> None:
    care_id = await a_call(router, tasks, care)
    (opened,) = [data for kind, data in await router.events() if kind == "interaction.opened"]
    customer_id = await router.value("SELECT customer_id FROM deliveries WHERE care_id = $1", care_id)
    assert decode("cus", opened["customer_id"]) == customer_id
    assert opened["channel"] == "phone_task"
