"""Promises and rules of ownership as they come in and are shown."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from feedback.complaints.states import Kind
from feedback.inputs import Input, Moment, Output, Slug

# A year of business hours is the longest that anybody may promise.
Hours = Annotated[float, Field(gt=0, le=2500)]


class StandardInput(Input):
    """What is promised to customers of a tier about one kind of complaint; `tier` null is everybody else.

    Hours are hours of opening. `replaces` ends another promise at the moment at which this one begins; without it, a
    promise about the same topic at the same time is refused.
    """

    kind: Kind
    tier: Slug | None = None
    calendar_key: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    acknowledge_hours: Hours
    resolve_hours: Hours
    word_hours: Hours = 40
    handover_hours: Hours = 8
    warn_before_hours: Annotated[float, Field(ge=0, le=2500)] = 2
    escalate_after_hours: Hours = 8
    effective_from: Moment | None = None
    effective_until: Moment | None = None
    replaces: UUID | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "StandardInput":
        if self.resolve_hours < self.acknowledge_hours:
            raise ValueError("an answer cannot be promised sooner than its acknowledgement")
        if self.effective_from and self.effective_until and self.effective_from >= self.effective_until:
            raise ValueError("a promise must end after it begins")
        return self


class Standard(Output):
    """A promise; hours of opening."""

    id: UUID
    kind: Kind
    tier: str | None
    calendar_key: str | None
    acknowledge_hours: float
    resolve_hours: float
    word_hours: float
    handover_hours: float
    warn_before_hours: float
    escalate_after_hours: float
    effective_from: datetime
    effective_until: datetime | None
    set_by: str
    set_at: datetime


class Standards(Output):
    """All promises, past, present and to come."""

    items: list[Standard]


class RuleInput(Input):
    """Who owns new complaints of a kind: whoever records them, or the head of a department."""

    owner: Literal["recorder", "head"]
    department_key: Annotated[str, Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _a_head_of_something(self) -> "RuleInput":
        if self.owner == "head" and self.department_key is None:
            raise ValueError("name the department whose head is to own them")
        return self


class Rule(Output):
    """Who owns new complaints of a kind."""

    kind: Kind
    owner: Literal["recorder", "head"]
    department_key: str | None


class Rules(Output):
    """The rules that were set; kinds without one stay with whoever records them."""

    items: list[Rule]
