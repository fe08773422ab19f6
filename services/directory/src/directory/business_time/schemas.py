"""Business time as it goes in and out."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

LONGEST_ADVANCE_SECONDS = 400 * 86_400


class BusinessTime(BaseModel):
    """The present moment of the business, and how far it is ahead of the machines' clocks."""

    now: datetime
    offset_seconds: int
    # Whether this installation lets anybody move it.
    movable: bool


class Advance(BaseModel):
    """How far to move business time forward, or to which moment; exactly one of them."""

    model_config = ConfigDict(extra="forbid")

    seconds: Annotated[int, Field(ge=1, le=LONGEST_ADVANCE_SECONDS, strict=True)] | None = None
    to: AwareDatetime | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.seconds is None) == (self.to is None):
            raise ValueError("give either seconds or to")
        return self
