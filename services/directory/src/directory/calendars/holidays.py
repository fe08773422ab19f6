"""The public holidays of a country as far as they are known, from the library `holidays`."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import holidays

# Where working days are decreed year by year, nobody knows the next year's before the decree.
DECREES_WITHIN_YEARS: Final = 5
# Where holidays follow from the law, this many further years are written down.
YEARS_AHEAD: Final = 3


class UnknownCountryError(ValueError):
    """The library knows no holidays of this country or of this part of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """Weekdays on which people rest, weekend days on which they work, and until when that is all that is known."""

    closed_on: frozenset[date]
    open_on: frozenset[date]
    known_through: date


def known_holidays(country: str, today: date) -> Known:
    """What is known of a country (`CN`) or a part of it (`GB-ENG`) from the year before `today` on.

    Make-up days are the library's `weekend_workdays`: Chinese Sundays on which the State Council has people work for
    the bridge days before or after. A year without any, in a country that has had some lately, has not been decreed
    yet; what the library says of it are the days of the law alone, so it is left out.
    """
    code, _, part = country.partition("-")
    first, last = today.year - 1, today.year + YEARS_AHEAD
    try:
        found = holidays.country_holidays(
            code, subdiv=part or None, years=range(first - DECREES_WITHIN_YEARS, last + 1), language="en_US"
        )
    except NotImplementedError:
        raise UnknownCountryError(country) from None
    made_up = frozenset(day for day in found.weekend_workdays if day.year >= first - DECREES_WITHIN_YEARS)
    if made_up:
        last = max(day.year for day in made_up)
    within = range(first, last + 1)
    return Known(
        closed_on=frozenset(day for day in found if day.year in within),
        open_on=frozenset(day for day in made_up if day.year in within),
        known_through=date(last, 12, 31),
    )
