"""What business calendars look like outside."""

from datetime import date, datetime, time
from typing import Annotated, Final, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from careline.business_hours import Calendar, Hours
from directory.departments.schemas import Key
from directory.people.schemas import REPEATED_IS_ONCE, DisplayName

MAX_HOURS: Final = 42
MAX_DAYS: Final = 400
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_ZONES: Final = frozenset(name for name in available_timezones() if not name.startswith(("posix/", "right/")))


def _known_zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("must be a time zone of the IANA database, such as Asia/Shanghai")
    return name


def _read_clock(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and len(value) == len("09:00"):
        return time.fromisoformat(value)
    raise ValueError("must be a local time such as 09:00")


ClockTime = Annotated[
    time,
    BeforeValidator(_read_clock),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str),
    WithJsonSchema({"type": "string", "pattern": _CLOCK, "examples": ["09:00"]}),
]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$"), Field(examples=["CN", "GB-ENG"])]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2100, 12, 31))]
Days = Annotated[frozenset[Day], Field(max_length=MAX_DAYS, json_schema_extra=REPEATED_IS_ONCE)]


class OpeningHours(BaseModel):
    """Local hours on one weekday, 1 is Monday; an end at 00:00 is the end of the day."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True)

    weekday: Annotated[int, Field(ge=1, le=7, strict=True)]
    opens: Annotated[ClockTime, Field(alias="from")]
    closes: Annotated[ClockTime, Field(alias="to")]


class CalendarInput(BaseModel):
    """A calendar as an administrator gives it; the country's holidays and make-up days are added to the named days."""

    model_config = ConfigDict(extra="forbid")

    name: DisplayName
    time_zone: TimeZone
    country: Country | None = None
    weekly: Annotated[list[OpeningHours], Field(min_length=1, max_length=MAX_HOURS)]
    closed_on: Days = frozenset()
    open_on: Days = frozenset()

    @model_validator(mode="after")
    def _can_be_reckoned_with(self) -> Self:
        if self.closed_on & self.open_on:
            raise ValueError("a day cannot be in both closed_on and open_on")
        hours = tuple(Hours(each.weekday, each.opens, each.closes) for each in self.weekly)
        Calendar(self.time_zone, hours, self.closed_on, self.open_on)
        return self


class BusinessCalendar(BaseModel):
    """One version of a calendar; it never changes, so that a deadline reckoned with it can be reckoned again."""

    key: Key
    version: int
    name: str
    time_zone: str
    country: str | None
    weekly: list[OpeningHours]
    # Holidays, and working days on which the week would rest; the country's among them.
    closed_on: list[date]
    open_on: list[date]
    # The last day of which holidays are known; null without a country.
    known_through: date | None
    # False once the present business day lies beyond it: only the weekly hours are known then.
    calendar_known: bool
    made_at: datetime
