"""What every input has in common: unknown fields are refused, and so are characters that no text should hold."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, StringConstraints

# Control characters and lone surrogates; no text that people read or write holds them.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNWANTED_BUT_BREAKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class Input(BaseModel):
    """Base of every request body."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """Base of every answer; its fields have no defaults, so that each is there."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _without_control_characters(text: str) -> str:
    if _UNWANTED.search(text):
        raise ValueError("must not contain control characters")
    return text


def _without_control_characters_but_breaks(text: str) -> str:
    if _UNWANTED_BUT_BREAKS.search(text):
        raise ValueError("must not contain control characters")
    return text


def _in_our_time(moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("must lie between the years 1900 and 2200")
    return moment.astimezone(UTC)


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_without_control_characters),
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    AfterValidator(_without_control_characters_but_breaks),
]


def _is_written_out(value: object) -> object:
    """A bare number would be read as seconds since 1970, which nobody means."""
    if isinstance(value, int | float) or (isinstance(value, str) and re.fullmatch(r"[-+.0-9eE]+", value)):
        raise ValueError("write a moment with its offset, like 2026-11-22T10:00:00+08:00")
    return value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time), BeforeValidator(_is_written_out)]
