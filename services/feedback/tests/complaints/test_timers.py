"""Timers: in order, once, never early, and all of them after however long nobody looked."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from careline.ids import encode
from feedback.timers import worker

from .office import MONDAY, Office

# 8 business hours to acknowledge, 40 to resolve, on a week of 5 days from 09:00 to 17:00 in Shanghai.
SHANGHAI_17 = timedelta(hours=8)
FRIDAY_EVENING = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


async def _fired(office: Office, complaint: dict[str, Any]) -> list[tuple[str, str, int]]:
    found = []
    for kind, data in await office.events(complaint):
        if kind in {"complaint.warned", "complaint.overdue", "complaint.escalated"}:
            found.append((kind.removeprefix("complaint."), data["deadline"], data.get("level", 0)))
    return found


async def test_warned_then_overdue_then_escalated(office: Office) -> None:
    complaint = await office.record()
    await office.until(MONDAY + timedelta(hours=5, minutes=59))
    assert await _fired(office, complaint) == []
    await office.until(MONDAY + timedelta(hours=6))
    assert await _fired(office, complaint) == [("warned", "acknowledge", 0)]
    await office.until(MONDAY + SHANGHAI_17)
    assert (await _fired(office, complaint))[-1] == ("overdue", "acknowledge", 0)
    # Eight business hours later: Tuesday evening, to the head; Wednesday evening, to the supervisors.
    await office.until(MONDAY + SHANGHAI_17 + timedelta(days=1))
    assert (await _fired(office, complaint))[-1] == ("escalated", "acknowledge", 1)
    _, data = (await office.events(complaint))[-1]
    assert data["to_person_id"] == encode("per", office.people["head"])
    await office.until(MONDAY + SHANGHAI_17 + timedelta(days=2))
    assert (await _fired(office, complaint))[-1] == ("escalated", "acknowledge", 2)
    seen = await office.look("sue", complaint)
    assert seen["escalation_level"] == 2
    assert seen["overdue"]
    listed = await office.call("sue", "GET", "/v1/complaints", view="escalated")
    assert [each["id"] for each in listed.json()["items"]] == [complaint["id"]]


async def test_the_head_sees_what_was_escalated_to_her(office: Office) -> None:
    complaint = await office.record()
    await office.until(MONDAY + timedelta(days=3))
    listed = await office.call("head", "GET", "/v1/complaints", view="escalated")
    assert [each["id"] for each in listed.json()["items"]] == [complaint["id"]]


async def test_three_weeks_in_one_jump_lose_nothing_and_keep_the_order(office: Office) -> None:
    complaint = await office.record()
    office.clock.advance(21 * 86_400)
    await office.settle()
    fired = await _fired(office, complaint)
    assert sorted(fired) == sorted(
        (action, deadline, level)
        for deadline in ("acknowledge", "resolve")
        for action, level in (("warned", 0), ("overdue", 0), ("escalated", 1), ("escalated", 2))
    )
    for deadline in ("acknowledge", "resolve"):
        own = [(action, level) for action, kind, level in fired if kind == deadline]
        assert own == [("warned", 0), ("overdue", 0), ("escalated", 1), ("escalated", 2)]
    overdue = [data for kind, data in await office.events(complaint) if kind == "complaint.overdue"]
    # When it passed is told exactly, not when that was noticed.
    assert {data["due_at"] for data in overdue} == {"2026-11-23T09:00:00Z", "2026-11-27T09:00:00Z"}


async def test_many_workers_at_once_fire_each_timer_once(office: Office) -> None:
    complaints = [await office.record() for _ in range(8)]
    office.clock.advance(21 * 86_400)

    async def work() -> None:
        while await worker.fire(office.service, limit=3):
            pass

    await asyncio.gather(*(work() for _ in range(3)))
    await office.settle()
    for complaint in complaints:
        fired = await _fired(office, complaint)
        assert len(fired) == len(set(fired)) == 8
        seen = await office.look("sue", complaint)
        assert seen["history_intact"]
        assert [entry["sequence"] for entry in seen["history"]] == list(range(1, seen["version"] + 1))


async def test_nothing_is_overdue_while_its_warning_is_still_being_given(office: Office) -> None:
    """A complaint that is let go in the middle of a claim shows its later timers, not its earlier ones."""
    complaint = await office.record()
    async with office.service.database.write_raw() as busy:
        await busy.execute("SELECT 1 FROM complaint_timers WHERE level = 0 FOR UPDATE")
        office.clock.advance(21 * 86_400)
        for _ in range(3):
            await worker.fire(office.service)
        assert await _fired(office, complaint) == []
    await office.settle()
    assert len(await _fired(office, complaint)) == 8


async def test_what_was_done_in_time_is_not_warned_of(office: Office) -> None:
    complaint = await office.record()
    await office.do("ann", f"/v1/complaints/{complaint['id']}/acknowledgement", {"by": "phone"})
    await office.until(MONDAY + timedelta(days=2))
    assert await _fired(office, complaint) == []
    await office.answer("ann", complaint)
    # The customer's word is due 40 business hours later.
    await office.until(MONDAY + timedelta(days=9))
    assert [action for action, *_ in await _fired(office, complaint)][:2] == ["warned", "overdue"]
    assert {deadline for _, deadline, _ in await _fired(office, complaint)} == {"word"}


async def test_a_promise_of_gold_holds_and_another_calendar_moves_nothing(office: Office) -> None:
    complaint = await office.record()
    async with office.service.database.write_raw() as connection:
        await connection.execute(
            "INSERT INTO calendars VALUES ('company', 2, 'Europe/London', $1::jsonb, '{}', '{}', '2026-11-30')",
            json.dumps([{"weekday": 3, "from": "10:00", "to": "12:00"}]),
        )
    await office.do("ann", f"/v1/complaints/{complaint['id']}/acknowledgement", {"by": "phone"})
    seen = await office.look("ann", complaint)
    assert seen["promised"]["calendar_version"] == 1
    assert seen["promised"]["calendar_known"]
    assert datetime.fromisoformat(seen["next_deadline_at"]) == FRIDAY_EVENING
    later = await office.record()
    assert later["promised"]["calendar_version"] == 2
    # Beyond the holidays that are published, nothing is guessed.
    assert not later["promised"]["calendar_known"]
