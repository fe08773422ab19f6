"""The shipped tables against an independent library, and their own arithmetic."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import cnlunar
import pytest

from care_scheduler.calendars.tables import UNDECIDED_MONTHS, LunarDate, known_through, lunar_date, lunar_months
from care_scheduler.calendars.tables import solar_terms as terms

LIBRARY_ENDS = date(2100, 1, 1)


def test_months_follow_each_other_without_a_gap() -> None:
    months = list(lunar_months().values())

    assert len(months) == 1868
    for before, after in pairwise(months):
        assert before.days in {29, 30}
        assert before.first_day + timedelta(days=before.days) == after.first_day
    assert known_through() == months[-1].first_day + timedelta(days=months[-1].days - 1)


def test_every_month_begins_where_an_independent_library_says() -> None:
    for month in lunar_months().values():
        # Nobody can decide these three today, so neither table nor library is held to them.
        if month.first_day in UNDECIDED_MONTHS or not date(1950, 1, 1) <= month.first_day < LIBRARY_ENDS:
            continue
        theirs = cnlunar.Lunar(datetime.combine(month.first_day, datetime.min.time()), godType="8char")
        assert (theirs.lunarYear, theirs.lunarMonth, theirs.lunarDay, theirs.isLunarLeapMonth) == (
            month.lunar_year,
            month.month,
            1,
            month.leap,
        ), month


def test_every_solar_term_falls_where_an_independent_library_says() -> None:
    for year in range(2020, 2041):
        theirs = cnlunar.Lunar(datetime(year, 6, 1), godType="8char").thisYearSolarTermsDic  # noqa: DTZ001 -- theirs
        ours = {name: (day.month, day.day) for (of, name), day in terms().items() if of == year}
        assert ours == theirs, year


def test_leap_months_of_150_years() -> None:
    """A policy `leap_only` would never greet somebody born in a leap month that does not come again."""
    found = Counter(month.month for month in lunar_months().values() if month.leap)

    assert (found[1], found[9], found[10], found[11], found[12]) == (0, 1, 1, 1, 0)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # The package lunardate has these wrong, and with them sixty birthdays of living people.
        (date(1954, 11, 25), LunarDate(1954, 11, 1, leap=False)),
        (date(1978, 9, 17), LunarDate(1978, 8, 15, leap=False)),
        # Leap months.
        (date(1995, 10, 10), LunarDate(1995, 8, 16, leap=True)),
        (date(1984, 12, 1), LunarDate(1984, 10, 9, leap=True)),
        (date(1990, 7, 15), LunarDate(1990, 5, 23, leap=True)),
        (date(1976, 10, 1), LunarDate(1976, 8, 8, leap=True)),
        (date(2004, 4, 1), LunarDate(2004, 2, 12, leap=True)),
        (date(2014, 11, 1), LunarDate(2014, 9, 9, leap=True)),
        (date(1987, 8, 1), LunarDate(1987, 6, 7, leap=True)),
        # January and February belong to the lunar year before.
        (date(1970, 1, 1), LunarDate(1969, 11, 24, leap=False)),
        (date(1996, 2, 18), LunarDate(1995, 12, 30, leap=False)),
    ],
)
def test_birth_dates(day: date, expected: LunarDate) -> None:
    assert lunar_date(day) == expected


def test_the_leap_month_of_2033_is_the_eleventh() -> None:
    """Several libraries say the seventh."""
    assert [month for month in lunar_months().values() if month.lunar_year == 2033 and month.leap] == [
        lunar_months()[2033, 11, True]
    ]
    assert lunar_months()[2033, 11, True].first_day == date(2033, 12, 22)
    assert lunar_months()[2034, 1, False].first_day == date(2034, 2, 19)


def test_a_day_outside_the_table_is_unknown() -> None:
    assert lunar_date(date(1900, 1, 1)) is None
    assert lunar_date(known_through() + timedelta(days=1)) is None
