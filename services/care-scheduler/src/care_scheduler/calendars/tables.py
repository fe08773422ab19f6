"""The calendar tables that are shipped: lunar months 1949-2099 and solar terms 2020-2040, in Beijing time.

They follow GB/T 33661-2017 (month 11 holds the winter solstice; of 13 months between two solstices the first without
a principal term is the leap month). A table, because libraries convert at best some thousand dates a second, and
because the wide-spread ones are wrong on days of living people's birthdays.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

# New moons within three minutes of midnight: by which day they fall nobody can say today (Hong Kong Observatory).
UNDECIDED_MONTHS = frozenset({date(2057, 9, 28), date(2089, 9, 4), date(2097, 8, 7)})


@dataclass(frozen=True, slots=True)
class LunarMonth:
    """One month of the lunar calendar: 29 or 30 days from its first."""

    lunar_year: int
    month: int
    leap: bool
    first_day: date
    days: int


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar."""

    lunar_year: int
    month: int
    day: int
    leap: bool


def _rows(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(files(__package__).joinpath("data", name).read_text(encoding="utf-8").splitlines())


@cache
def lunar_months() -> dict[tuple[int, int, bool], LunarMonth]:
    """All months by (lunar year, month, leap), in order of time."""
    return {
        (int(row["lunar_year"]), int(row["month"]), row["leap"] == "1"): LunarMonth(
            int(row["lunar_year"]),
            int(row["month"]),
            row["leap"] == "1",
            date.fromisoformat(row["first_day"]),
            int(row["days"]),
        )
        for row in _rows("lunar_months_1949_2099.csv")
    }


@cache
def solar_terms() -> dict[tuple[int, str], date]:
    """The Beijing date of each solar term by (Gregorian year, name)."""
    return {
        (int(row["year"]), row["term"]): date.fromisoformat(row["beijing_date"])
        for row in _rows("solar_terms_2020_2040.csv")
    }


@cache
def _days() -> dict[date, LunarDate]:
    return {
        month.first_day + timedelta(days=offset): LunarDate(month.lunar_year, month.month, offset + 1, month.leap)
        for month in lunar_months().values()
        for offset in range(month.days)
    }


def lunar_date(day: date) -> LunarDate | None:
    """The lunar date of a day, or None outside the table."""
    return _days().get(day)


def known_through() -> date:
    """The last day of the lunar table."""
    last = max(lunar_months().values(), key=lambda month: month.first_day)
    return last.first_day + timedelta(days=last.days - 1)
