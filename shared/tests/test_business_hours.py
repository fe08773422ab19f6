"""Business hours against published vectors and an independent count, minute by minute."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careline.business_hours import Calendar, Hours, NeverOpenError

HOUR = 3600
LONDON = ZoneInfo("Europe/London")
SHANGHAI = ZoneInfo("Asia/Shanghai")


def weekdays(opens: int, closes: int, days: range = range(1, 6)) -> tuple[Hours, ...]:
    return tuple(Hours(day, time(opens), time(closes)) for day in days)


# Monday is 2026-11-02; the vectors are those of Frappe Helpdesk's test suite (Mon-Fri 10-18).
TEN_TO_SIX = Calendar("UTC", weekdays(10, 18))
DAYS = {"Mon": 2, "Tue": 3, "Wed": 4, "Thu": 5, "Fri": 6, "Sat": 7}


def moment(text: str, weeks: int = 0) -> datetime:
    name, at = text.split()
    return datetime.combine(date(2026, 11, DAYS[name]) + timedelta(weeks=weeks), time.fromisoformat(at), UTC)


@pytest.mark.parametrize(
    ("start", "hours", "end", "weeks"),
    [
        ("Mon 08:00", 1, "Mon 11:00", 0),
        ("Mon 08:00", 4, "Mon 14:00", 0),
        ("Mon 20:00", 0.5, "Tue 10:30", 0),
        ("Mon 20:00", 2, "Tue 12:00", 0),
        ("Sat 15:00", 24, "Wed 18:00", 1),
        ("Sat 15:00", 72, "Thu 18:00", 2),
        ("Fri 17:00", 0.5, "Fri 17:30", 0),
        ("Fri 17:00", 2, "Mon 11:00", 1),
        ("Fri 19:00", 4, "Mon 14:00", 1),
    ],
)
def test_published_deadlines(start: str, hours: float, end: str, weeks: int) -> None:
    assert TEN_TO_SIX.add(moment(start), hours * HOUR).at == moment(end, weeks)


def test_holidays_are_passed_over() -> None:
    calendar = Calendar("UTC", weekdays(10, 18), closed_on=frozenset({date(2026, 11, 5), date(2026, 11, 6)}))
    assert calendar.add(moment("Thu 15:00"), 2 * HOUR).at == moment("Mon 12:00", 1)


def test_a_warning_before_the_deadline_is_counted_on_the_calendar_too() -> None:
    # glpi PR 22678: Mon-Fri 8-18, four hours from Monday 17:00, warning one hour before.
    calendar = Calendar("UTC", weekdays(8, 18))
    assert calendar.add(moment("Mon 17:00"), 4 * HOUR).at == moment("Tue 11:00")
    assert calendar.add(moment("Mon 17:00"), 3 * HOUR).at == moment("Tue 10:00")


def test_hours_pass_differently_when_clocks_change() -> None:
    night = Calendar("Europe/London", tuple(Hours(day, time(0), time(4)) for day in range(1, 8)))
    for day, hours in ((date(2026, 3, 29), 3), (date(2026, 10, 25), 5)):
        start = datetime.combine(day, time(0), LONDON)
        assert night.between(start, start + timedelta(hours=12)) == hours * HOUR
        assert night.add(start, hours * HOUR).at == datetime.combine(day, time(4), LONDON)


def test_make_up_days_have_the_hours_of_the_week() -> None:
    # Spring Festival 2026: Saturday 14 February works, the 15th to the 23rd rest.
    calendar = Calendar(
        "Asia/Shanghai",
        weekdays(9, 18),
        closed_on=frozenset(date(2026, 2, day) for day in range(15, 24)),
        open_on=frozenset({date(2026, 2, 14)}),
    )
    received = datetime(2026, 2, 13, 18, tzinfo=SHANGHAI)
    assert calendar.add(received, 18 * HOUR).at == datetime(2026, 2, 24, 18, tzinfo=SHANGHAI)


def test_beyond_published_holidays_it_says_so() -> None:
    calendar = Calendar("UTC", weekdays(10, 18), known_through=date(2026, 11, 6))
    assert calendar.add(moment("Fri 15:00"), 3 * HOUR).known
    assert not calendar.add(moment("Fri 15:00"), 4 * HOUR).known


def test_lunch_breaks_count_as_closed() -> None:
    calendar = Calendar("UTC", (Hours(1, time(9), time(12)), Hours(1, time(13), time(18))))
    assert calendar.add(moment("Mon 11:00"), 2 * HOUR).at == moment("Mon 14:00")


def test_open_around_the_clock() -> None:
    always = Calendar("UTC", tuple(Hours(day, time(0), time(0)) for day in range(1, 8)))
    assert always.add(moment("Fri 17:30"), 72 * HOUR).at == moment("Fri 17:30") + timedelta(hours=72)


@pytest.mark.parametrize(
    "weekly",
    [
        (),
        (Hours(1, time(18), time(9)),),
        (Hours(0, time(9), time(18)),),
        (Hours(1, time(9), time(13)), Hours(1, time(12), time(18))),
    ],
)
def test_hours_that_are_none_are_refused(weekly: tuple[Hours, ...]) -> None:
    with pytest.raises(ValueError, match=r"hours|weekday"):
        Calendar("UTC", weekly)


def test_a_calendar_that_never_opens_gives_no_deadline() -> None:
    start = date(2026, 11, 1)
    closed = frozenset(start + timedelta(days=number) for number in range(4_000))
    with pytest.raises(NeverOpenError):
        Calendar("UTC", weekdays(10, 18), closed_on=closed).add(moment("Mon 11:00"), 1)


ODD_HOURS = Calendar(
    "Europe/London",
    (*weekdays(8, 12), *weekdays(13, 18), Hours(6, time(0), time(0))),
    closed_on=frozenset({date(2026, 12, 25), date(2026, 4, 3)}),
    open_on=frozenset({date(2026, 12, 27)}),
)


def counted(start: datetime, end: datetime) -> int:
    """Opening seconds, counted minute by minute on the wall clock, without the code under test."""
    total = 0
    while start < end:
        local = start.astimezone(LONDON)
        weekday = 1 if local.date() == date(2026, 12, 27) else local.isoweekday()
        hour = local.hour
        is_open = weekday == 6 or (weekday <= 5 and (8 <= hour < 12 or 13 <= hour < 18))
        total += 60 if is_open and local.date() not in ODD_HOURS.closed_on else 0
        start += timedelta(minutes=1)
    return total


def test_agrees_with_a_count_by_the_minute() -> None:
    generator = random.Random(20261122)
    for _ in range(60):
        start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=generator.randrange(525_000))
        end = start + timedelta(minutes=generator.randrange(14_400))
        assert ODD_HOURS.between(start, end) == counted(start, end)


@settings(max_examples=200)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),  # noqa: DTZ001 -- made aware below
    st.integers(1, 400_000),
)
def test_what_is_added_lies_between(naive: datetime, seconds: int) -> None:
    start = naive.replace(tzinfo=UTC)
    end = ODD_HOURS.add(start, seconds).at
    assert ODD_HOURS.between(start, end) == seconds
    assert ODD_HOURS.between(start, end - timedelta(seconds=1)) == seconds - 1
