"""Preferences as they go in and out."""

import re
from datetime import time
from typing import Annotated, Final, Literal, Self
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from customer_profile.inputs import Input, Output

PreferredChannel = Literal["mail", "phone", "letter", "none"]

# Names such as "posix/…" are files on some machines and not on others.
_ZONES: Final = frozenset(name for name in available_timezones() if not name.startswith(("posix/", "right/")))
_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _known_zone(name: str) -> str:
    if name not in _ZONES:
        raise ValueError("must be a time zone of the IANA database, such as Asia/Shanghai")
    return name


def _read_clock(value: object) -> object:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and re.fullmatch(_CLOCK, value):
        return time.fromisoformat(value)
    raise ValueError("must be a local time such as 22:00")


TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
# A local time of day, to the minute.
ClockTime = Annotated[
    time,
    BeforeValidator(_read_clock),
    PlainSerializer(lambda value: f"{value:%H:%M}", return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _CLOCK, "examples": ["22:00"]}),
]


class PreferencesInput(Input):
    """How and when the customer wants to be reached; what is left out is not known."""

    channel: PreferredChannel | None = None
    time_zone: TimeZone | None = None
    quiet_from: ClockTime | None = None
    quiet_to: ClockTime | None = None

    @model_validator(mode="after")
    def _is_a_whole_quiet_time(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise ValueError("give both quiet_from and quiet_to, or none of them")
        if self.quiet_from is not None and self.quiet_from == self.quiet_to:
            raise ValueError("quiet_from and quiet_to must differ; for silence all day choose the channel none")
        return self


class Preferences(Output):
    """How and when the customer wants to be reached; null is what they have not said."""

    # "none": never of our own accord, whatever was allowed.
    channel: PreferredChannel | None
    time_zone: str | None
    # Local times between which nobody disturbs the customer; the end may lie on the next day.
    quiet_from: ClockTime | None
    quiet_to: ClockTime | None
