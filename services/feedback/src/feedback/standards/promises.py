"""What was promised, and the deadlines and alarms that follow from it. Pure: calendar and moments are handed in."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final
from uuid import UUID

from careline.business_hours import Calendar, Reckoned

HOUR: Final = 3600


class Level(IntEnum):
    """What a timer does, in this order: nothing is escalated before it was overdue."""

    WARN = 0
    OVERDUE = 1
    ESCALATE_TO_HEAD = 2
    ESCALATE_TO_SUPERVISORS = 3


@dataclass(frozen=True, slots=True)
class Promise:
    """How many seconds of opening time each step may take."""

    acknowledge_seconds: int
    resolve_seconds: int
    word_seconds: int
    handover_seconds: int
    warn_before_seconds: int
    escalate_after_seconds: int
    standard_id: UUID | None = None
    calendar_key: str | None = None


# Stands in where the registry holds no promise about a topic; what the migration promises to everybody.
HOUSE: Final = Promise(8 * HOUR, 40 * HOUR, 40 * HOUR, 8 * HOUR, 2 * HOUR, 8 * HOUR)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One timer to be set."""

    level: Level
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A deadline, and when somebody is told of it."""

    by: Reckoned
    alarms: tuple[Alarm, ...]


def schedule(calendar: Calendar, promise: Promise, start: datetime, seconds: float) -> Schedule:
    """The deadline `seconds` of opening time after `start` with its four alarms.

    The warning comes `warn_before_seconds` of opening time earlier, but never before half of the time is over. A
    deadline that has passed already (0 seconds) is not warned of.
    """
    by = calendar.add(start, seconds)
    escalate = promise.escalate_after_seconds
    alarms = [
        Alarm(Level.OVERDUE, by.at),
        Alarm(Level.ESCALATE_TO_HEAD, calendar.add(start, seconds + escalate).at),
        Alarm(Level.ESCALATE_TO_SUPERVISORS, calendar.add(start, seconds + 2 * escalate).at),
    ]
    if seconds > 0:
        warn = max(seconds - promise.warn_before_seconds, seconds / 2)
        alarms.insert(0, Alarm(Level.WARN, calendar.add(start, warn).at))
    return Schedule(by, tuple(alarms))


def left_over(calendar: Calendar, answered_at: datetime, resolve_by: datetime) -> float:
    """Opening time that was left when the company answered: what a reopened complaint has.

    The clock goes on: the time in which it seemed solved does not count, and nothing is added to it.
    """
    return calendar.between(answered_at, resolve_by)
