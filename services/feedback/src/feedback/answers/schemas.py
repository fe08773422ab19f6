"""Answers as they go in and out."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StrictInt

from feedback.ids import InvitationId
from feedback.inputs import Input, Output, Slug, Text
from feedback.invitations.events import AnswerChannel
from feedback.surveys.schemas import MAX_QUESTIONS, Scale

Answers = Annotated[dict[Slug, StrictInt | Text | None], Field(max_length=MAX_QUESTIONS)]


class AnswersInput(Input):
    """Question → answer: a number of its scale, the key of a choice, or a text; null or left out is skipped."""

    answers: Answers


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
