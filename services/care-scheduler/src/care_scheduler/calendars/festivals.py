"""Festivals and solar terms: their date in a year, or None where the table does not reach."""

from datetime import date, timedelta

from care_scheduler.calendars.tables import lunar_months, solar_terms

GREAT_COLD = "大寒"


def lunar_day(lunar_year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """The Gregorian date of a lunar day; None if that month does not exist, has fewer days or is not in the table."""
    found = lunar_months().get((lunar_year, month, leap))
    if found is None or not 1 <= day <= found.days:
        return None
    return found.first_day + timedelta(days=day - 1)


def mid_autumn(lunar_year: int) -> date | None:
    """中秋: the fifteenth of the eighth month, for everybody.

    Public holiday calendars name the day after for Hong Kong and Macau: there the holiday, not the festival, is later.
    """
    return lunar_day(lunar_year, 8, 15)


def solar_term(year: int, name: str) -> date | None:
    """The Beijing date of a solar term of a Gregorian year."""
    return solar_terms().get((year, name))


def great_cold(year: int) -> date | None:
    """大寒 of a Gregorian year."""
    return solar_term(year, GREAT_COLD)
