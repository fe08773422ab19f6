"""Answers as they go in and out."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import ConfigDict, Field, StrictInt, model_validator

from feedback.answers.lowness import Severity
from feedback.ids import InvitationId
from feedback.inputs import Input, Output, Slug, Text
from feedback.invitations.events import AnswerChannel
from feedback.surveys.schemas import MAX_QUESTIONS, Scale

Answers = Annotated[dict[Slug, StrictInt | Text | None], Field(max_length=MAX_QUESTIONS)]


class AnswersInput(Input):
    """Question → answer: a number of its scale, the key of a choice, or a text; null or left out is skipped."""

    answers: Answers


class LowScoreRule(Input):
    """An answer of at most this much is low; with a wish, only if that question was answered so as well."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)

    scale: Scale
    at_most: Annotated[StrictInt, Field(ge=0, le=10)]
    wish_question: Slug | None = None
    wish_value: Slug | None = None
    severity: Severity

    @model_validator(mode="after")
    def _wishes_all_or_nothing(self) -> Self:
        if (self.wish_question is None) != (self.wish_value is None):
            raise ValueError("give wish_question and wish_value together")
        return self


class LowScoreRules(Input):
    """All rules of a survey; an answer that fits one opens a complaint, of the worst severity that fits."""

    rules: Annotated[list[LowScoreRule], Field(max_length=20)]

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        said = [(rule.scale, rule.wish_question, rule.wish_value) for rule in self.rules]
        if len(set(said)) < len(said):
            raise ValueError("name each scale with the same wish once")
        return self


class Taken(Output):
    """The answers are kept, for good."""

    invitation_id: InvitationId
    answered_at: datetime


class Answered(Output):
    """What a customer answered."""

    answers: dict[str, int | str | None]
    scores: dict[Scale, int]
    low: bool
    channel: AnswerChannel
    recorded_by: str | None
    answered_at: datetime
