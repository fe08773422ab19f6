"""Which days planning looks at, what falls on them, and the moments at which wall clocks show the time to send."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from care_scheduler.calendars.birthdays import kept_between
from care_scheduler.calendars.festivals import great_cold, mid_autumn
from care_scheduler.calendars.wall_clock import moment, zone_named
from care_scheduler.occasions.model import Occasion

AHEAD_DAYS = 7
ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Slots:
    """The moment to send by zone and local day, as columns; with the moment of the day before."""

    zones: list[str] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    previous: list[datetime] = field(default_factory=list)
    moments: list[datetime] = field(default_factory=list)


@dataclass(slots=True)
class Days:
    """What falls on which local day, as columns; a festival is nobody's birthday and leaves those empty."""

    calendars: list[str | None] = field(default_factory=list)
    months: list[int | None] = field(default_factory=list)
    days: list[int | None] = field(default_factory=list)
    leaps: list[bool | None] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    dates: list[date] = field(default_factory=list)


def horizon(now: datetime) -> date:
    """The last local day to be planned: seven days ahead, where the day begins first."""
    return now.date() + timedelta(days=AHEAD_DAYS + 1)


def earliest_day(now: datetime, valid: timedelta) -> date:
    """The first local day whose items may still be sent now, wherever the customer is."""
    return (now - valid).date() - ONE_DAY


def slots(zones: Iterable[str], occasion: Occasion, first: date, last: date) -> Slots:
    """The moments to send of all zones from `first` to `last`."""
    found = Slots()
    for name in zones:
        zone = zone_named(name)
        if zone is not None:
            _append(found, name, zone, occasion, first, last)
    return found


@lru_cache(maxsize=64)
def days(occasion: Occasion, first: date, last: date) -> Days:
    """What is to be sent from `first` to `last`: birthdays and festivals, `lead_days` before they are.

    Kept, because every batch of changed customers asks for the same days, and a birthday's take 3 ms.
    """
    lead = timedelta(days=occasion.lead_days)
    found = Days()
    if occasion.key == "birthday":
        for birthday, kept in kept_between(first + lead, last + lead, occasion.policies):
            found.calendars.append(birthday.calendar)
            found.months.append(birthday.month)
            found.days.append(birthday.day)
            found.leaps.append(birthday.leap)
            found.keys.append(kept.key)
            found.dates.append(kept.on - lead)
    for key, on in _festivals(occasion, first + lead, last + lead):
        found.calendars.append(None)
        found.months.append(None)
        found.days.append(None)
        found.leaps.append(None)
        found.keys.append(key)
        found.dates.append(on - lead)
    return found


def _festivals(occasion: Occasion, first: date, last: date) -> Iterator[tuple[str, date]]:
    named = {"mid_autumn": mid_autumn, "great_cold": great_cold}.get(occasion.key)
    if named is None:
        return
    for year in range(first.year, last.year + 1):
        on = named(year)
        if on is not None and first <= on <= last:
            yield str(year), on


def _append(found: Slots, name: str, zone: ZoneInfo, occasion: Occasion, first: date, last: date) -> None:
    day, previous = first, moment(zone, first - ONE_DAY, occasion.send_time)
    while day <= last:
        at = moment(zone, day, occasion.send_time)
        found.zones.append(name)
        found.days.append(day)
        found.previous.append(previous)
        found.moments.append(at)
        day, previous = day + ONE_DAY, at
