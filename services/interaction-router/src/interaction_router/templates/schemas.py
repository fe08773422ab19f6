"""Prepared answers and outcomes as seen from outside."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from interaction_router.events import Channel
from interaction_router.ids import InteractionId, TemplateId
from interaction_router.interactions.schemas import Input, Language, Line


class TemplateInput(Input):
    """A prepared answer in Liquid; `{{ customer.name }}`, `{{ agent.name }}` and the like are filled in."""

    title: Line
    body: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    language: Language
    channel: Channel | None = None


class Template(BaseModel):
    """A prepared answer and the variables in it."""

    id: TemplateId
    key: str
    title: str
    initials: str
    body: str
    language: str
    channel: Channel | None
    variables: list[str]


class RenderingInput(Input):
    """For which interaction."""

    interaction_id: InteractionId


class Rendering(BaseModel):
    """The answer filled in; `missing` are variables that nothing is known about."""

    text: str
    missing: list[str]


class Label(BaseModel):
    """A text in both languages of the product."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    zh_cn: Annotated[Line, Field(alias="zh-CN")]
    en: Line


class DispositionInput(Input):
    """An outcome that may close an interaction; one that names a channel closes only that channel's."""

    label: Label
    active: StrictBool = True
    channel: Channel | None = None


class Disposition(BaseModel):
    """An outcome that may close an interaction; a call is closed by those of `phone_task` only."""

    code: str
    label: Label
    channel: Channel | None
