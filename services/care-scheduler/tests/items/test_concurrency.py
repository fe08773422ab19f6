"""Several processes judge at once: each item once, the cap exact, and rank decides, not who comes first."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID

import asyncpg
import pytest

from care_scheduler.gates import repository as gates
from care_scheduler.gates.cap import Contender, places
from care_scheduler.gates.model import Cap, Item
from care_scheduler.items import scheduler as module
from care_scheduler.items.scheduler import Scheduler
from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.database import Database, WriteConnection
from careline.ids import new_id

from ..factories import NOW, Judging, ToldFeedback, ToldProfile, gate, most_in_any_window, some_scheduler

CUSTOMERS = 25
PRIORITIES = {"birthday": 60, "mid_autumn": 30, "great_cold": 20, "three_months": 40, "purchase_overdue": 50}
HOURS = {"birthday": 72, "mid_autumn": 0, "great_cold": 0, "three_months": 48, "purchase_overdue": 120}


@pytest.fixture
def judging(database: Database) -> Judging:
    """A database and a clock, without the loops of the service."""
    return Judging(database, FixedClock(NOW), ToldProfile(), ToldFeedback())


@pytest.fixture
async def twins(settings: Settings, judging: Judging) -> AsyncIterator[list[Scheduler]]:
    """Four processes' worth of schedulers, each with connections of its own."""
    databases = [Database(settings, application_name=f"care-{number}") for number in range(4)]
    yield [some_scheduler(each, judging) for each in databases]
    for each in databases:
        await each.close()


async def until_nothing_is_due(scheduler: Scheduler) -> int:
    judged = 0
    while number := await scheduler.judge_once():
        judged += number
    return judged


async def contacts(judging: Judging) -> dict[UUID, list[datetime]]:
    async with judging.database.read_raw() as connection:
        found: dict[UUID, list[datetime]] = {}
        for row in await connection.fetch("SELECT customer_id, at FROM contacts"):
            found.setdefault(row["customer_id"], []).append(row["at"])
        return found


async def test_parallel_judges_keep_the_cap_and_agree_with_rank(
    judging: Judging, twins: list[Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small claims, so that one customer's care is in several hands.
    monkeypatch.setattr(module, "BATCH", 7)
    customers = [judging.profile.knows().customer_id for _ in range(CUSTOMERS)]
    items: list[Item] = []
    for customer_id in customers:
        for occasion, hours in HOURS.items():
            due = timedelta(hours=hours)
            care_id = await judging.plan(customer_id, occasion, due=due, valid=timedelta(days=5))
            due_at = NOW + due
            ids = (care_id, customer_id, occasion, "2026", "marketing", None)
            items.append(Item(*ids, due_at, due_at + timedelta(days=5)))  # type: ignore[arg-type]
    # The caps allow one a day and two a week.
    for _ in range(6):
        await asyncio.gather(*(until_nothing_is_due(each) for each in twins))
        judging.clock.advance(24 * 3600)
    states = await judging.states()
    assert set(states.values()) == {"due", "suppressed"}
    for times in (await contacts(judging)).values():
        assert most_in_any_window(times, 1) <= 1
        assert most_in_any_window(times, 7) <= 2
    for customer_id in customers:
        theirs = [item for item in items if item.customer_id == customer_id]
        given = {item.occasion for item in theirs if states[item.id] == "due"}
        assert given == {"birthday", "purchase_overdue"}
    events = await judging.events()
    assert len({event["id"] for event in events}) == len(events)
    decided = [event for event in events if event["type"] in {"care.due", "care.suppressed"}]
    assert len(decided) == len({event["subject"] for event in decided}) == len(items)


async def test_of_five_in_one_week_the_two_highest_go_and_the_losers_know_why(
    judging: Judging, twins: list[Scheduler]
) -> None:
    customer_id = judging.profile.knows().customer_id
    # The least important is due first.
    order = sorted(PRIORITIES, key=lambda occasion: PRIORITIES[occasion])
    ids = {
        occasion: await judging.plan(customer_id, occasion, due=timedelta(hours=26 * day))
        for day, occasion in enumerate(order)
    }
    for _ in range(6):
        await until_nothing_is_due(twins[0])
        judging.clock.advance(26 * 3600)
    for occasion in order[:3]:
        item = await judging.item(ids[occasion])
        assert (item["state"], item["gate"]) == ("suppressed", "cap")
        verdict = item["verdicts"][-1]["gates"][-1]
        assert verdict["reason"] == "lost_to_others"
        assert verdict["facts"]["cap"] == "2 in 7 days"
        assert len(verdict["facts"]["ahead"]) == 2
    assert {(await judging.item(ids[occasion]))["state"] for occasion in order[3:]} == {"due"}


async def test_the_database_has_the_last_word_on_the_cap(judging: Judging) -> None:
    customer_id = judging.profile.knows().customer_id
    cares = [await judging.plan(customer_id, key=str(number)) for number in range(6)]

    async def one(care_id: UUID) -> bool:
        try:
            async with judging.database.write_raw() as connection:
                await connection.execute(
                    "INSERT INTO contacted_customers VALUES ($1) ON CONFLICT DO NOTHING", customer_id
                )
                await gates.add_contacts(connection, [(care_id, customer_id)], NOW)
        except asyncpg.CheckViolationError:
            return False
        return True

    assert sorted(await asyncio.gather(*(one(each) for each in cares))) == [False] * 5 + [True]


@pytest.mark.parametrize(("asleep", "said"), [(False, "care.due"), (True, "care.held")])
async def test_who_was_frozen_while_asking_decides_nothing_any_more(
    judging: Judging, twins: list[Scheduler], *, asleep: bool, said: str
) -> None:
    night = {"quiet_from": time(9), "quiet_to": time(12)} if asleep else {}
    care_id = await judging.plan(judging.profile.knows(**night).customer_id)

    async def another_judges() -> None:
        judging.profile.meanwhile = None
        await _leases_end(judging)
        assert await twins[1].judge_once() == 1

    judging.profile.meanwhile = another_judges
    await twins[0].judge_once()
    assert [event["type"] for event in await judging.events()] == [said]
    assert (await judging.item(care_id))["version"] == 1


async def test_one_customer_who_cannot_be_judged_does_not_hold_up_the_others(
    judging: Judging, twins: list[Scheduler]
) -> None:
    broken, fine = judging.profile.knows(time_zone="Nowhere/Never"), judging.profile.knows()
    cares = [await judging.plan(each.customer_id) for each in (broken, fine)]
    await twins[0].judge_once()
    assert [(await judging.item(each))["state"] for each in cares] == ["planned", "due"]


async def test_who_never_can_be_judged_is_given_up_and_seen(judging: Judging, twins: list[Scheduler]) -> None:
    care_id = await judging.plan(judging.profile.knows(time_zone="Nowhere/Never").customer_id)
    async with judging.database.write_raw() as connection:
        await connection.execute("UPDATE care_items SET stumbles = $1", module.MOST_STUMBLES - 2)
    await twins[0].judge_once()
    assert (await judging.item(care_id))["state"] == "planned"
    await _leases_end(judging)
    await twins[0].judge_once()
    item = await judging.item(care_id)
    assert (item["state"], item["gate"]) == ("suppressed", "content")
    assert gate(item, "content")["reason"] == "cannot_be_decided"
    assert [(event["type"], event["data"]["gate"]) for event in await judging.events()] == [
        ("care.suppressed", "content")
    ]


async def test_a_timeout_of_one_customer_is_its_own_and_one_of_an_absent_database_nobodys(
    judging: Judging, twins: list[Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, fine = judging.profile.knows(), judging.profile.knows()
    cares = [await judging.plan(each.customer_id) for each in (slow, fine)]
    take_turns = gates.take_turns

    async def takes_too_long(connection: WriteConnection, customer_ids: Sequence[UUID]) -> None:
        await take_turns(connection, customer_ids)
        if slow.customer_id in customer_ids:
            raise asyncpg.LockNotAvailableError

    monkeypatch.setattr(gates, "take_turns", takes_too_long)
    with monkeypatch.context() as away:
        away.setattr(Database, "answers", _says_nothing)
        with pytest.raises(asyncpg.LockNotAvailableError):
            await twins[0].judge_once()
    assert {(await judging.item(each))["stumbles"] for each in cares} == {0}
    await _leases_end(judging)
    await twins[0].judge_once()
    items = [await judging.item(each) for each in cares]
    assert [(item["state"], item["stumbles"]) for item in items] == [("planned", 1), ("due", 0)]


async def _says_nothing(_: Database) -> bool:
    return False


async def _leases_end(judging: Judging) -> None:
    async with judging.database.write_raw() as connection:
        await connection.execute("UPDATE care_items SET claimed_until = clock_timestamp() - interval '1 second'")


def test_places_and_caps_agree_on_the_example() -> None:
    items = [
        Item(new_id(), new_id(), name, "2026", "marketing", None, NOW + timedelta(hours=hours), NOW + timedelta(days=9))
        for name, hours in HOURS.items()
    ]
    contenders = [Contender(item, PRIORITIES[item.occasion], item.due_at) for item in items]
    found = places([], contenders, [Cap(1, 1), Cap(7, 2)])
    assert {item.occasion for item in items if found[item.id].admitted} == {"birthday", "purchase_overdue"}
