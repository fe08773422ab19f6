"""Promises: one about a topic at a time, none rewritten; arithmetic against published vectors."""

import asyncio
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from careline.business_hours import Calendar, Hours
from careline.ids import encode, new_id
from feedback.standards.promises import HOUSE, Level, Promise, left_over, schedule

from ..neighbours import Neighbours
from .office import Office

LONDON = ZoneInfo("Europe/London")
# A tier to which the installation promises nothing of its own.
BODY = {"kind": "billing", "tier": "silver", "acknowledge_hours": 4, "resolve_hours": 16}


class TestRegistry:
    async def test_a_second_promise_about_the_same_topic_is_refused(self, office: Office) -> None:
        first = await office.call("sue", "PUT", "/v1/standards", BODY)
        assert first.status_code == 200, first.text
        again = await office.call("sue", "PUT", "/v1/standards", {**BODY, "resolve_hours": 48})
        assert again.status_code == 409
        assert again.json()["standard_id"] == first.json()["id"]
        gold = await office.call("sue", "PUT", "/v1/standards", {**BODY, "tier": "platinum"})
        assert gold.status_code == 200

    async def test_one_follows_another(self, office: Office, neighbours: Neighbours) -> None:
        customer = encode("cus", new_id())
        neighbours.knows(customer, tier="silver")
        first = (await office.call("sue", "PUT", "/v1/standards", BODY)).json()
        old = await office.record(kind="billing", customer_id=customer)
        office.clock.advance(60)
        body = {**BODY, "resolve_hours": 8, "replaces": first["id"]}
        second = (await office.call("sue", "PUT", "/v1/standards", body)).json()
        listed = (await office.call("ann", "GET", "/v1/standards")).json()["items"]
        listed = [each for each in listed if each["tier"] == "silver"]
        assert [each["effective_until"] for each in listed] == [second["effective_from"], None]
        new = await office.record(kind="billing", customer_id=customer)
        promised = [
            {due["deadline"]: due["promised_seconds"] for due in each["due_dates"]}["resolve"]
            for each in (await office.look("ann", old), new)
        ]
        assert promised == [16 * 3600, 8 * 3600]

    async def test_two_at_the_same_moment(self, office: Office) -> None:
        answers = await asyncio.gather(*(office.call("sue", "PUT", "/v1/standards", BODY) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]

    async def test_the_database_refuses_it_too_and_keeps_what_was_promised(self, office: Office) -> None:
        await office.call("sue", "PUT", "/v1/standards", BODY)
        twin = """
        INSERT INTO standards (id, kind, tier, acknowledge_seconds, resolve_seconds, word_seconds, handover_seconds,
            warn_before_seconds, escalate_after_seconds, effective, set_by, set_at)
        SELECT uuidv7(), kind, tier, 1, 2, 3, 4, 5, 6, tstzrange(now() + interval '9 years', NULL), 'x', now()
        FROM standards WHERE tier = 'silver'
        """
        async with office.service.database.write_raw() as connection:
            with pytest.raises(asyncpg.ExclusionViolationError):
                await connection.execute(twin)
        for change in ("UPDATE standards SET resolve_seconds = resolve_seconds + 1", "DELETE FROM standards"):
            async with office.service.database.write_raw() as connection:
                with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                    await connection.execute(change)

    async def test_bad_promises(self, office: Office) -> None:
        for change in (
            {"resolve_hours": 1},
            {"acknowledge_hours": 0},
            {"effective_from": "2026-11-01T00:00:00Z"},
            {"effective_from": "2027-01-02T00:00:00Z", "effective_until": "2027-01-01T00:00:00Z"},
            {"effective_until": "2026-11-01T00:00:00Z"},
            {"kind": "weather"},
        ):
            assert (await office.call("sue", "PUT", "/v1/standards", {**BODY, **change})).status_code == 422, change
        assert (await office.call("ann", "PUT", "/v1/standards", BODY)).status_code == 403


def _weekdays(
    opens: int,
    closes: int,
    zone: str = "Europe/London",
    closed_on: frozenset[date] = frozenset(),
    open_on: frozenset[date] = frozenset(),
) -> Calendar:
    return Calendar(zone, tuple(Hours(day, time(opens), time(closes)) for day in range(1, 6)), closed_on, open_on)


def _promise(**seconds: int) -> Promise:
    return Promise(**{**{name: getattr(HOUSE, name) for name in Promise.__slots__}, **seconds})


class TestSchedule:
    def test_the_warning_comes_an_hour_of_opening_before(self) -> None:
        """GLPI's pull request 22678: the level before the deadline fired at midnight."""
        start = datetime(2026, 1, 5, 17, tzinfo=LONDON)
        planned = schedule(_weekdays(8, 18), _promise(warn_before_seconds=3600), start, 4 * 3600)
        due = {alarm.level: alarm.due_at for alarm in planned.alarms}
        assert due[Level.OVERDUE] == planned.by.at == datetime(2026, 1, 6, 11, tzinfo=LONDON)
        assert due[Level.WARN] == datetime(2026, 1, 6, 10, tzinfo=LONDON)

    @pytest.mark.parametrize(
        ("start", "hours", "by"),
        [
            ((5, 8), 4, (5, 14)),
            ((5, 20), 2, (6, 12)),
            ((10, 15), 24, (14, 18)),
            ((9, 17), 2, (12, 11)),
            ((9, 19), 4, (12, 14)),
        ],
    )
    def test_vectors_of_frappe_helpdesk(self, start: tuple[int, int], hours: int, by: tuple[int, int]) -> None:
        """Monday to Friday, 10 to 18; January 5, 2026 is a Monday. A deadline at closing time stays on that day."""
        begun = datetime(2026, 1, *start, tzinfo=LONDON)
        planned = schedule(_weekdays(10, 18), HOUSE, begun, hours * 3600)
        assert planned.by.at == datetime(2026, 1, *by, tzinfo=LONDON)

    def test_alarms_stand_in_order(self) -> None:
        planned = schedule(_weekdays(9, 17), HOUSE, datetime(2026, 1, 5, tzinfo=UTC), 3600)
        assert [alarm.level for alarm in planned.alarms] == sorted(Level)
        assert [alarm.due_at for alarm in planned.alarms] == sorted(alarm.due_at for alarm in planned.alarms)

    def test_a_short_promise_is_not_warned_of_before_it_was_made(self) -> None:
        start = datetime(2026, 1, 5, 9, tzinfo=UTC)
        planned = schedule(_weekdays(9, 17), HOUSE, start, 3600)
        assert planned.alarms[0].due_at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

    def test_chinese_working_days(self) -> None:
        """Received on September 30, 2026, three working days later is October 10, a Saturday that works."""
        golden_week = frozenset(date(2026, 10, day) for day in range(1, 8))
        calendar = _weekdays(9, 17, "Asia/Shanghai", closed_on=golden_week, open_on=frozenset({date(2026, 10, 10)}))
        shanghai = ZoneInfo("Asia/Shanghai")
        planned = schedule(calendar, HOUSE, datetime(2026, 9, 30, 17, tzinfo=shanghai), 3 * 8 * 3600)
        assert planned.by.at == datetime(2026, 10, 10, 17, tzinfo=shanghai)

    def test_nothing_is_left_of_a_deadline_that_had_passed(self) -> None:
        calendar = _weekdays(9, 17)
        monday, tuesday = datetime(2026, 1, 5, 12, tzinfo=UTC), datetime(2026, 1, 6, 12, tzinfo=UTC)
        assert left_over(calendar, tuesday, monday) == 0
        assert left_over(calendar, monday, tuesday) == 8 * 3600
        planned = schedule(calendar, HOUSE, tuesday, 0)
        assert planned.by.at == tuesday
        assert Level.WARN not in [alarm.level for alarm in planned.alarms]
