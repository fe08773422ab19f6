"""When a birthday is kept in a year. What people do not agree about is a policy, and policies are data."""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from care_scheduler.calendars.festivals import lunar_day
from care_scheduler.calendars.tables import lunar_date, lunar_months

LeapMonthPolicy = Literal["ordinary", "leap_if_any", "both", "leap_only"]
Day30Policy = Literal["day_29", "next_first", "skip"]
Feb29Policy = Literal["feb_28", "mar_1", "leap_only"]
Calendar = Literal["solar", "lunar"]

_LONGEST_LUNAR_MONTH = 30
_A_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Policies:
    """How a birthday is kept in a year that does not have its day.

    A leap month comes back only after decades (the ninth once, the first and the twelfth never in 150 years), so by
    default who was born in one keeps the ordinary month.
    """

    leap_month: LeapMonthPolicy = "ordinary"
    day_30: Day30Policy = "day_29"
    feb_29: Feb29Policy = "feb_28"


@dataclass(frozen=True, slots=True)
class Birthday:
    """A day of the year in the calendar in which it is kept."""

    calendar: Calendar
    month: int
    day: int
    leap: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A day on which a birthday is kept; the key is unique for the customer."""

    key: str
    on: date


def solar_birthday(birthday: Birthday, year: int, policies: Policies) -> list[Kept]:
    """The days on which a solar birthday is kept in a Gregorian year: one or none."""
    if (birthday.month, birthday.day) != (2, 29) or isleap(year):
        return [Kept(str(year), date(year, birthday.month, birthday.day))]
    if policies.feb_29 == "leap_only":
        return []
    return [Kept(str(year), date(year, 2, 28) if policies.feb_29 == "feb_28" else date(year, 3, 1))]


def lunar_birthday(birthday: Birthday, lunar_year: int, policies: Policies) -> list[Kept]:
    """The days on which a lunar birthday is kept in a lunar year: one, none, or two under the policy `both`."""
    ordinary = _in_month(birthday, lunar_year, policies, leap=False)
    in_leap = _in_month(birthday, lunar_year, policies, leap=True) if birthday.leap else None
    if not birthday.leap or policies.leap_month == "ordinary":
        days = [(str(lunar_year), ordinary)]
    elif policies.leap_month == "leap_only":
        days = [(str(lunar_year), in_leap)]
    elif policies.leap_month == "leap_if_any":
        exists = (lunar_year, birthday.month, True) in lunar_months()
        days = [(str(lunar_year), in_leap if exists else ordinary)]
    else:
        days = [(str(lunar_year), ordinary), (f"{lunar_year}:leap", in_leap)]
    return [Kept(key, day) for key, day in days if day is not None]


def kept_between(first: date, last: date, policies: Policies) -> Iterator[tuple[Birthday, Kept]]:
    """Every birthday there can be that is kept from `first` to `last`, both included, with its day."""
    for birthday, kept in _kept_around(first, last, policies):
        if first <= kept.on <= last:
            yield birthday, kept


def _kept_around(first: date, last: date, policies: Policies) -> Iterator[tuple[Birthday, Kept]]:
    for year in range(first.year, last.year + 1):
        for birthday in _SOLAR:
            for kept in solar_birthday(birthday, year, policies):
                yield birthday, kept
    begin, end = lunar_date(first), lunar_date(last)
    # A year earlier, because day 30 moved to the next first may leave its lunar year; where the table ends, so do we.
    first_year = begin.lunar_year - 1 if begin else first.year - 1
    for lunar_year in range(first_year, (end.lunar_year if end else last.year) + 1):
        for birthday in _LUNAR:
            for kept in lunar_birthday(birthday, lunar_year, policies):
                yield birthday, kept


def _in_month(birthday: Birthday, lunar_year: int, policies: Policies, *, leap: bool) -> date | None:
    day = lunar_day(lunar_year, birthday.month, birthday.day, leap=leap)
    month = lunar_months().get((lunar_year, birthday.month, leap))
    if day is not None or month is None or policies.day_30 == "skip":
        return day
    last = month.first_day + timedelta(days=month.days - 1)
    return last if policies.day_30 == "day_29" else last + timedelta(days=1)


def _solar_days() -> Iterator[Birthday]:
    day = date(_A_LEAP_YEAR, 1, 1)
    while day.year == _A_LEAP_YEAR:
        yield Birthday("solar", day.month, day.day)
        day += timedelta(days=1)


_SOLAR = tuple(_solar_days())
_LUNAR = tuple(
    Birthday("lunar", month, day, leap)
    for month in range(1, 13)
    for day in range(1, _LONGEST_LUNAR_MONTH + 1)
    for leap in (False, True)
)
