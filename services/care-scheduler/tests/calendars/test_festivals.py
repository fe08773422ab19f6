"""Festivals and solar terms on the days that the official almanacs name."""

from datetime import date, timedelta

import holidays
import pytest

from care_scheduler.calendars.festivals import great_cold, lunar_day, mid_autumn, solar_term

# 春节, 端午, 七夕, 中秋, 重阳, 除夕 of lunar years.
FESTIVALS = {
    2023: ("2023-01-22", "2023-06-22", "2023-08-22", "2023-09-29", "2023-10-23", "2024-02-09"),
    2024: ("2024-02-10", "2024-06-10", "2024-08-10", "2024-09-17", "2024-10-11", "2025-01-28"),
    2025: ("2025-01-29", "2025-05-31", "2025-08-29", "2025-10-06", "2025-10-29", "2026-02-16"),
    2026: ("2026-02-17", "2026-06-19", "2026-08-19", "2026-09-25", "2026-10-18", "2027-02-05"),
    2027: ("2027-02-06", "2027-06-09", "2027-08-08", "2027-09-15", "2027-10-08", "2028-01-25"),
    2028: ("2028-01-26", "2028-05-28", "2028-08-26", "2028-10-03", "2028-10-26", "2029-02-12"),
    2029: ("2029-02-13", "2029-06-16", "2029-08-16", "2029-09-22", "2029-10-16", "2030-02-02"),
    2030: ("2030-02-03", "2030-06-05", "2030-08-05", "2030-09-12", "2030-10-05", "2031-01-22"),
    2031: ("2031-01-23", "2031-06-24", "2031-08-24", "2031-10-01", "2031-10-24", "2032-02-10"),
    2032: ("2032-02-11", "2032-06-12", "2032-08-12", "2032-09-19", "2032-10-12", "2033-01-30"),
    2033: ("2033-01-31", "2033-06-01", "2033-08-01", "2033-09-08", "2033-10-01", "2034-02-18"),
}


@pytest.mark.parametrize("year", FESTIVALS)
def test_festivals(year: int) -> None:
    days = (
        lunar_day(year, 1, 1),
        lunar_day(year, 5, 5),
        lunar_day(year, 7, 7),
        mid_autumn(year),
        lunar_day(year, 9, 9),
        _eve(lunar_day(year + 1, 1, 1)),
    )

    assert tuple(str(day) for day in days) == FESTIVALS[year]


def test_mid_autumn_is_the_festival_and_not_the_public_holiday_of_hong_kong() -> None:
    """The package `holidays` names the day after in Hong Kong: a greeting that follows it is a day late."""
    in_hong_kong = [
        day
        for day, name in holidays.country_holidays("HK", years=2025, language="en_HK").items()
        if "Mid-Autumn" in name
    ]

    assert in_hong_kong == [date(2025, 10, 7)]
    assert mid_autumn(2025) == date(2025, 10, 6)
    assert mid_autumn(1978) == date(1978, 9, 17)


def test_great_cold() -> None:
    days = [great_cold(year) for year in range(2024, 2031)]

    assert days == [date(year, 1, 20) for year in range(2024, 2031)]
    assert great_cold(2041) is None


def test_a_solar_term_may_fall_twice_or_never_in_a_lunar_year() -> None:
    """So its key is the Gregorian year: lunar 2024 has no 立春, lunar 2025 has two."""
    assert solar_term(2025, "立春") == date(2025, 2, 3)
    assert solar_term(2026, "立春") == date(2026, 2, 4)
    assert solar_term(2021, "冬至") == date(2021, 12, 21)


def test_new_years_eve_is_not_always_the_thirtieth() -> None:
    assert lunar_day(2024, 12, 30) is None
    assert lunar_day(2029, 12, 30) == _eve(lunar_day(2030, 1, 1))


def _eve(day: date | None) -> date | None:
    return None if day is None else day - timedelta(days=1)


def test_a_day_that_a_month_does_not_have() -> None:
    assert lunar_day(2025, 5, 30) is None
    assert lunar_day(2024, 5, 30) == date(2024, 7, 5)
    assert lunar_day(2025, 7, 1, leap=True) is None
    assert lunar_day(2100, 1, 1) is None
