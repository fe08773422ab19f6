"""Templates as they go in and out."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from care_scheduler.ids import CustomerId
from care_scheduler.inputs import (
    Input,
    Language,
    Output,
    without_control_characters,
    without_control_characters_but_breaks,
)
from care_scheduler.templates.language import MAX_TEMPLATE_CHARACTERS

MAX_LANGUAGES = 12

TemplateKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
_Liquid = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TEMPLATE_CHARACTERS),
    AfterValidator(without_control_characters_but_breaks),
]
_Subject = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(without_control_characters)]


class TextsInput(Input):
    """One language: what is written, and what an agent says on the phone. Liquid without loops and assignments."""

    subject: _Subject
    text: _Liquid
    script: _Liquid | None = None


class TemplateInput(Input):
    """A template in its languages."""

    languages: Annotated[dict[Language, TextsInput], Field(min_length=1, max_length=MAX_LANGUAGES)]


class TextsOutput(Output):
    """One language of a template."""

    subject: str
    text: str
    script: str | None


class Template(Output):
    """A template; `values` are what it asks for, `used_by` the cells of the matrix that name it."""

    key: str
    version: int
    languages: dict[str, TextsOutput]
    values: list[str]
    used_by: list[str]
    changed_by: str
    changed_at: datetime


class TemplateList(Output):
    """All templates, and all values that one may ask for."""

    items: list[Template]
    known_values: list[str]


class PreviewInput(Input):
    """For whom, and in which language; without a customer, for a made-up one."""

    customer_id: CustomerId | None = None
    language: Language | None = None
    # Texts that are not saved yet; without them the saved ones are shown.
    texts: TextsInput | None = None


class Preview(Output):
    """The template filled in. `fault` says why it could not be; then the texts are empty."""

    language: str
    subject: str
    text: str
    script: str | None
    fault: str | None
