"""Occasions as they go in and out."""

from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from care_scheduler.calendars.birthdays import Day30Policy, Feb29Policy, LeapMonthPolicy
from care_scheduler.inputs import Input, Output
from care_scheduler.occasions.model import Key, Purpose

LONGEST_LEAD_DAYS = 365
LONGEST_VALID_HOURS = 2400


def _whole_minute(value: time) -> time:
    if value.tzinfo is not None or value.second or value.microsecond:
        raise ValueError("must be a local time to the minute, for example 10:00")
    return value


# JSON Schema's "time" has an offset; a local time has none.
_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9](:00)?$"
SendTime = Annotated[
    time,
    AfterValidator(_whole_minute),
    WithJsonSchema({"type": "string", "pattern": _CLOCK, "examples": ["10:00"]}),
]


class OccasionInput(Input):
    """The rules of an occasion; purpose and key are given."""

    send_time: SendTime
    lead_days: Annotated[int, Field(ge=0, le=LONGEST_LEAD_DAYS)]
    valid_hours: Annotated[int, Field(ge=1, le=LONGEST_VALID_HOURS)]
    leap_month_policy: LeapMonthPolicy = "ordinary"
    day_30_policy: Day30Policy = "day_29"
    feb_29_policy: Feb29Policy = "feb_28"
    customers_only: bool
    active: bool


class OccasionView(Output):
    """An occasion, its rules, and how far its calendar is known."""

    key: Key
    purpose: Purpose
    send_time: SendTime
    lead_days: int
    valid_hours: int
    leap_month_policy: LeapMonthPolicy
    day_30_policy: Day30Policy
    feb_29_policy: Feb29Policy
    customers_only: bool
    active: bool
    # Null: needs no table. Beyond it nothing is guessed and nothing is planned.
    calendar_known_through: date | None
    version: int


class Occasions(Output):
    """All occasions."""

    items: list[OccasionView]
