"""The care matrix as it goes in and out."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from care_scheduler.inputs import Input, Output
from care_scheduler.templates.schemas import TemplateKey

CellMeans = Literal["mail", "phone_task", "card", "none"]
Priority = Annotated[int, Field(ge=0, le=100)]


class CellInput(Input):
    """How a tier is cared for on an occasion. Without a priority the old one stays."""

    means: CellMeans
    template_key: TemplateKey | None = None
    priority: Priority | None = None

    @model_validator(mode="after")
    def _has_something_to_say(self) -> Self:
        if self.means != "none" and self.template_key is None:
            raise ValueError("template_key is needed unless means is none")
        return self


class CellOutput(Output):
    """A cell; `name` is how care events call it. A higher priority goes first where the cap leaves room for one."""

    tier: str
    occasion: str
    name: str
    version: int
    means: CellMeans
    template_key: str | None
    priority: int
    changed_by: str
    changed_at: datetime


class Matrix(Output):
    """All cells. A tier without a cell for an occasion is cared for like the tier `regular`."""

    items: list[CellOutput]


class CapRule(Input):
    """At most so many unasked contacts within so many days of 24 hours, over all care."""

    days: Annotated[int, Field(ge=1, le=366)]
    at_most: Annotated[int, Field(ge=0, le=100)]


class CapsInput(Input):
    """All caps."""

    items: Annotated[list[CapRule], Field(max_length=10)]

    @model_validator(mode="after")
    def _one_for_each_length(self) -> Self:
        if len({rule.days for rule in self.items}) < len(self.items):
            raise ValueError("there is one cap for each number of days")
        return self


class Caps(Output):
    """All caps; each holds for every customer, over all care but answers to the customer's own complaints."""

    items: list[CapRule]
