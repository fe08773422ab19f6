"""Arithmetic on business hours: deadlines and elapsed time on a calendar of opening hours.

All sums are made on intervals in UTC, because two aware times of one zone subtract as wall clocks do: in London
00:00 to 04:00 is three hours on the last Sunday of March and five on that of October.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

MIDNIGHT = time(0)
SEARCH_DAYS = 3_700

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """Opening hours on one weekday (1 is Monday, 7 is Sunday), local; closing at 00:00 is the end of that day."""

    weekday: int
    opens: time
    closes: time


@dataclass(frozen=True)
class Reckoned:
    """A moment found by counting business time; `known` is False where holidays were not published yet."""

    at: datetime
    known: bool


class NeverOpenError(ValueError):
    """A calendar that does not open within ten years can give no deadline."""


@dataclass(frozen=True)
class Calendar:
    """Weekly opening hours with the days that break them.

    `closed_on` are holidays, `open_on` working days on which the week would rest (Chinese make-up days): they have
    the hours of the first weekday that has any. Beyond `known_through` only the weekly hours are known.
    """

    time_zone: str
    weekly: tuple[Hours, ...]
    closed_on: frozenset[date] = frozenset()
    open_on: frozenset[date] = frozenset()
    known_through: date | None = None

    def __post_init__(self) -> None:
        """Refuse hours that are not hours, and weeks without any."""
        if not self.weekly:
            raise NeverOpenError("a calendar needs opening hours on at least one weekday")
        ordered = sorted(self.weekly, key=lambda hours: (hours.weekday, hours.opens))
        for hours in ordered:
            if not 1 <= hours.weekday <= 7:  # noqa: PLR2004 -- the days of a week
                raise ValueError("a weekday is a number from 1 (Monday) to 7 (Sunday)")
            if hours.closes != MIDNIGHT and hours.closes <= hours.opens:
                raise ValueError("opening hours must end after they begin; write two entries for a night")
        for one, other in itertools.pairwise(ordered):
            if one.weekday == other.weekday and (one.closes == MIDNIGHT or other.opens < one.closes):
                raise ValueError("opening hours of one weekday must not overlap")

    def add(self, start: datetime, seconds: float) -> Reckoned:
        """The moment at which `seconds` of opening time have passed since `start`; an end at closing time stays there.

        With 0 seconds that is `start` itself, open or not.
        """
        left = timedelta(seconds=seconds)
        at = start.astimezone(UTC)
        if left > timedelta():
            for opens, closes in self._intervals_from(at):
                here = closes - max(opens, at)
                if left <= here:
                    at = max(opens, at) + left
                    break
                left -= here
            else:
                raise NeverOpenError(f"the calendar does not open for {seconds:.0f} s within {SEARCH_DAYS} days")
        return Reckoned(at, self._is_known(at))

    def between(self, start: datetime, end: datetime) -> float:
        """Seconds of opening time from `start` to `end`; 0 if `end` is not after `start`."""
        begin, finish = start.astimezone(UTC), end.astimezone(UTC)
        total = timedelta()
        for opens, closes in self._intervals_from(begin):
            if opens >= finish:
                break
            total += max(timedelta(), min(closes, finish) - max(opens, begin))
        return total.total_seconds()

    def _intervals_from(self, at: datetime) -> Iterator[Interval]:
        """Opening intervals in UTC that end after `at`, in order, for ten years."""
        first = at.astimezone(ZoneInfo(self.time_zone)).date()
        for number in range(-1, SEARCH_DAYS):
            for opens, closes in _open(self, first + timedelta(days=number)):
                if closes > at:
                    yield opens, closes

    def _is_known(self, at: datetime) -> bool:
        return self.known_through is None or at.astimezone(ZoneInfo(self.time_zone)).date() <= self.known_through


@lru_cache(maxsize=20_000)
def _open(calendar: Calendar, day: date) -> tuple[Interval, ...]:
    """Opening intervals of one local day in UTC."""
    weekday = day.isoweekday()
    if day in calendar.closed_on:
        return ()
    if day in calendar.open_on and all(hours.weekday != weekday for hours in calendar.weekly):
        weekday = min(hours.weekday for hours in calendar.weekly)
    hours_of_day = sorted((hours for hours in calendar.weekly if hours.weekday == weekday), key=lambda each: each.opens)
    zone = ZoneInfo(calendar.time_zone)
    return tuple(
        (_utc(day, hours.opens, zone), _utc(day + timedelta(days=hours.closes == MIDNIGHT), hours.closes, zone))
        for hours in hours_of_day
    )


def _utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
