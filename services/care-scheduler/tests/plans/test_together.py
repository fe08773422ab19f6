"""Planning beside itself and beside people who change things: who waits for whom."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from unittest import mock

from care_scheduler.context import Work
from care_scheduler.events import CATALOGUE
from care_scheduler.occasions import service as occasions
from care_scheduler.occasions.schemas import OccasionInput
from care_scheduler.plans import repository
from careline.outbox import Outbox

from ..planning import Plans, solar

BLOCKED_SECONDS = 0.3


@asynccontextmanager
async def run_held_open(plans: Plans) -> AsyncIterator[Callable[[], Coroutine[Any, Any, None]]]:
    """A run over birthdays that has planned its last chunk and has not committed; call to let it go on."""
    at_the_end, go_on = asyncio.Event(), asyncio.Event()
    finish = repository.finish

    async def wait_then_finish(*arguments: Any) -> None:
        if "birthday" in arguments:
            at_the_end.set()
            await go_on.wait()
        await finish(*arguments)

    with mock.patch("care_scheduler.plans.repository.finish", wait_then_finish):
        running = asyncio.create_task(plans.planner.plan_ahead("birthday"))
        await at_the_end.wait()

        async def release() -> None:
            go_on.set()
            await running

        yield release


async def test_a_birthday_that_is_corrected_during_a_run_is_planned_on_the_right_day_only(plans: Plans) -> None:
    """Without the lock the second look would not see what the run is about to commit."""
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.execute("UPDATE care_customers SET changed_at = NULL")

    async with run_held_open(plans) as release:
        await plans.customer(customer, birthday=solar(11, 26))
        second_look = asyncio.create_task(plans.planner.replan_changed())
        done, _ = await asyncio.wait([second_look], timeout=BLOCKED_SECONDS)
        assert not done
        await release()
        await second_look
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-26 02:00", "planned")]


async def test_rules_change_while_they_are_planned_by(plans: Plans) -> None:
    """Each would wait for the other if the rules were locked too hard: the planner checks a foreign key."""
    customer = await plans.customer(birthday=solar(11, 24))
    await plans.execute("UPDATE care_customers SET changed_at = NULL")
    body = OccasionInput.model_validate(
        {"send_time": "18:00", "lead_days": 0, "valid_hours": 3, "customers_only": False, "active": True}
    )

    async def change() -> None:
        async with plans.database.write_raw() as connection:
            work = Work(connection, Outbox(CATALOGUE), plans.clock.now())
            await occasions.change(work, "birthday", body, '"1"')

    async with run_held_open(plans) as release:
        changing = asyncio.create_task(change())
        await asyncio.wait([changing], timeout=BLOCKED_SECONDS)
        await release()
        await changing
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-24 10:00", "planned")]


async def test_two_planners_share_the_work(plans: Plans) -> None:
    """What one holds the other passes over, without waiting."""
    await plans.customer(birthday=solar(11, 24))

    async with run_held_open(plans) as release:
        assert await asyncio.wait_for(plans.planner.plan_ahead("birthday"), 1) is False
        assert await asyncio.wait_for(plans.planner.plan_ahead("great_cold"), 1) is True
        await release()
