"""When birthdays are kept, with every policy."""

from datetime import date, timedelta
from typing import get_args

import pytest

from care_scheduler.calendars.birthdays import (
    Birthday,
    Day30Policy,
    Feb29Policy,
    Kept,
    LeapMonthPolicy,
    Policies,
    kept_between,
    lunar_birthday,
    solar_birthday,
)

BY_DEFAULT = Policies()
BORN_IN_LEAP_SIXTH = Birthday("lunar", 6, 15, leap=True)


def days(birthday: Birthday, year: int, policies: Policies = BY_DEFAULT) -> list[str]:
    """The days of one year, solar or lunar as the birthday is."""
    kept = (solar_birthday if birthday.calendar == "solar" else lunar_birthday)(birthday, year, policies)
    return [str(each.on) for each in kept]


def test_a_solar_birthday() -> None:
    assert days(Birthday("solar", 11, 22), 2026) == ["2026-11-22"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("feb_28", ["2027-02-28"]), ("mar_1", ["2027-03-01"]), ("leap_only", [])],
)
def test_the_29th_of_february_in_a_common_year(policy: Feb29Policy, expected: list[str]) -> None:
    policies = Policies(feb_29=policy)

    assert days(Birthday("solar", 2, 29), 2027, policies) == expected
    assert days(Birthday("solar", 2, 29), 2028, policies) == ["2028-02-29"]
    # 2100 is no leap year.
    assert days(Birthday("solar", 2, 29), 2100, policies) == [day.replace("2027", "2100") for day in expected]


@pytest.mark.parametrize(
    ("policy", "in_2025", "in_2026"),
    [
        ("ordinary", ["2025-07-09"], ["2026-07-28"]),
        ("leap_if_any", ["2025-08-08"], ["2026-07-28"]),
        ("both", ["2025-07-09", "2025-08-08"], ["2026-07-28"]),
        ("leap_only", ["2025-08-08"], []),
    ],
)
def test_born_in_a_leap_month(policy: LeapMonthPolicy, in_2025: list[str], in_2026: list[str]) -> None:
    policies = Policies(leap_month=policy)

    assert days(BORN_IN_LEAP_SIXTH, 2025, policies) == in_2025
    assert days(BORN_IN_LEAP_SIXTH, 2026, policies) == in_2026


def test_born_in_an_ordinary_month_is_greeted_in_the_ordinary_month() -> None:
    """Whatever the policy: 六月十五 is not 闰六月十五."""
    for policy in get_args(LeapMonthPolicy):
        policies = Policies(leap_month=policy)
        assert days(Birthday("lunar", 6, 15), 2025, policies) == ["2025-07-09"]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("day_29", ["2025-06-24"]), ("next_first", ["2025-06-25"]), ("skip", [])],
)
def test_day_30_of_a_month_with_29(policy: Day30Policy, expected: list[str]) -> None:
    """五月三十 exists in lunar 2024 and 2028, not in 2025 to 2027; several packages lose the day."""
    policies = Policies(day_30=policy)

    assert days(Birthday("lunar", 5, 30), 2025, policies) == expected
    assert days(Birthday("lunar", 5, 30), 2024, policies) == ["2024-07-05"]
    assert days(Birthday("lunar", 5, 30), 2028, policies) == ["2028-06-22"]


def test_none_or_two_lunar_birthdays_in_a_gregorian_year() -> None:
    """The key is the lunar year: 十一月二十 falls never in 2025 and twice in 2026."""
    birthday = Birthday("lunar", 11, 20)

    found = {
        year: [(kept.key, str(kept.on)) for each, kept in in_year(year) if each == birthday]
        for year in (2024, 2025, 2026)
    }

    assert found == {
        2024: [("2023", "2024-01-01"), ("2024", "2024-12-20")],
        2025: [],
        2026: [("2025", "2026-01-08"), ("2026", "2026-12-28")],
    }


def test_laba_falls_never_in_2023_and_twice_in_2022() -> None:
    laba = Birthday("lunar", 12, 8)

    assert [sum(each == laba for each, _ in in_year(year)) for year in (2022, 2023)] == [2, 0]


def test_lunar_birthdays_at_the_end_of_the_year_are_found_in_january() -> None:
    """A library skips them because it asks only the lunar year that begins in the Gregorian one."""
    found = {kept.key for each, kept in kept_between(date(2026, 1, 1), date(2026, 1, 31), Policies()) if each.leap}

    assert found == {"2025"}
    assert any(each == Birthday("lunar", 12, 8) and kept.on == date(2026, 1, 26) for each, kept in in_year(2026))


@pytest.mark.parametrize("leap_month", ["ordinary", "leap_if_any", "both", "leap_only"])
@pytest.mark.parametrize("day_30", ["day_29", "next_first", "skip"])
def test_a_window_finds_what_the_single_years_say(leap_month: LeapMonthPolicy, day_30: Day30Policy) -> None:
    """Whatever windows planning runs in, each birthday is found once, in the window of its day."""
    policies = Policies(leap_month=leap_month, day_30=day_30)
    first, last = date(2033, 6, 1), date(2034, 8, 1)
    whole = sorted((str(each), kept.key, kept.on) for each, kept in kept_between(first, last, policies))

    pieces = []
    day = first
    while day <= last:
        until = min(day + timedelta(days=8), last)
        pieces += [(str(each), kept.key, kept.on) for each, kept in kept_between(day, until, policies)]
        day = until + timedelta(days=1)

    assert sorted(pieces) == whole
    assert len({(birthday, key) for birthday, key, _ in whole}) == len(whole)


def in_year(year: int) -> list[tuple[Birthday, Kept]]:
    """Everything kept in a Gregorian year by the default policies."""
    return list(kept_between(date(year, 1, 1), date(year, 12, 31), Policies()))
