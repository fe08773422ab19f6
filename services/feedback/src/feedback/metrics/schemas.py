"""Figures as they go out, each with the definition that it was made by."""

from datetime import datetime
from typing import Literal

from feedback.inputs import Output
from feedback.invitations.schemas import Disposition

By = Literal["channel", "tier", "reason", "survey_version", "month"]


class Definitions(Output):
    """What the figures mean: other tools count otherwise."""

    csat: str
    nps: str
    ces: str
    response_rate: str
    phone: str


class Figure(Output):
    """A value with its 95 % interval. `n` counts answers; skipped questions are in no figure."""

    n: int
    value: float | None
    low: float | None
    high: float | None
    too_few: bool


class Group(Output):
    """The figures of one group of invitations; `key` is null for all of them."""

    key: str | None
    invited: int
    not_asked: int
    answered: int
    low_scores: int
    response_rate: Figure
    csat: Figure
    nps: Figure
    ces: Figure


class PhoneWork(Output):
    """What came of asking on the phone, by AAPOR's groups of final dispositions."""

    dispositions: dict[Disposition, int]
    response_rate_1: float | None
    response_rate_2: float | None


class Metrics(Output):
    """What the customers who were invited in a period say."""

    survey: str
    invited_from: datetime | None
    invited_to: datetime | None
    by: By | None
    definitions: Definitions
    too_few_below: int
    groups: list[Group]
    phone: PhoneWork
