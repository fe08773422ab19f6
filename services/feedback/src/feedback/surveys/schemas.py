"""Surveys as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

from feedback.inputs import Input, Line, Output, Slug
from feedback.surveys import branching

MAX_QUESTIONS = 50
MAX_CHOICES = 30
MAX_STEPS = 20

Kind = Literal["nps", "csat", "ces", "choice", "text"]
Scale = Literal["nps", "csat", "ces"]
Op = Literal["eq", "ne", "le", "ge", "answered", "skipped"]
ShortText = Annotated[Line, StringConstraints(max_length=500)]


class _ShownAsWritten(Input):
    """Goes in and comes out in the same shape; what comes out is always all there."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


class Words(Input):
    """The same words in the languages of the product."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, serialize_by_alias=True)

    zh_cn: ShortText = Field(alias="zh-CN")
    en: ShortText

    def in_language(self, language: str) -> str:
        """The words for a reader of `language` (BCP 47): Chinese for every kind of Chinese, else English."""
        return self.zh_cn if language.lower().startswith("zh") else self.en


class Choice(Input):
    """One answer to choose."""

    key: Slug
    text: Words


class When(_ShownAsWritten):
    """A condition on the answer of the same question."""

    op: Op
    value: StrictInt | Slug | None = None


class Step(_ShownAsWritten):
    """Where to go if the condition holds; without one, always."""

    when: When | None = None
    goto: Slug


class Question(_ShownAsWritten):
    """One question. `next` is tried in order; if no step fits, the following question comes. `end` ends the survey."""

    key: Slug
    kind: Kind
    text: Words
    required: StrictBool = False
    choices: list[Choice] = Field(default_factory=list, max_length=MAX_CHOICES)
    next: list[Step] = Field(default_factory=list, max_length=MAX_STEPS)


Questions = Annotated[list[Question], Field(min_length=1, max_length=MAX_QUESTIONS)]


class SurveyInput(Input):
    """What a new version of a survey asks."""

    title: Words
    introduction: Words
    questions: Questions

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        branching.check_questions(self.questions)
        return self


class Survey(Output):
    """One version of a survey; it never changes."""

    key: str
    version: int
    title: Words
    introduction: Words
    questions: list[Question]
    created_at: datetime
    created_by: str | None


class SurveySummary(Output):
    """A survey's newest version, without its questions."""

    key: str
    version: int
    title: Words
    created_at: datetime


class ScriptQuestion(Output):
    """A question as a page shows it. What comes next is told for every answer, so that no page decides by itself."""

    key: str
    kind: Kind
    text: Words
    required: bool
    lowest: int | None
    highest: int | None
    choices: list[Choice]
    next_by_answer: dict[str, str | None]
    """Answer as text → key of the next question, or null at the end. Of a text question: `answered`. Of one that may
    be left out: `skipped`."""


class Script(Output):
    """The way through a survey."""

    survey: str
    survey_version: int
    title: Words
    introduction: Words
    first: str
    questions: list[ScriptQuestion]
