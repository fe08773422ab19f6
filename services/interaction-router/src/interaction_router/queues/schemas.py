"""Queues as seen from outside."""

from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from interaction_router.agents.schemas import Skill
from interaction_router.events import Channel
from interaction_router.ids import QueueId
from interaction_router.interactions.schemas import Input, Line


class QueueInput(Input):
    """What a queue asks of an agent, and how long an offer stands."""

    name: Line
    required_skills: Annotated[list[Skill], Field(max_length=20, default_factory=list)]
    priority: Annotated[StrictInt, Field(ge=-100, le=100)] = 0
    offer_timeout_seconds: Annotated[StrictInt, Field(ge=1, le=3600)] = 30
    answer_target_seconds: Annotated[StrictInt, Field(ge=1, le=10_000_000)] | None = None
    # How long finishing a piece of work keeps the agent from the next one; she may close it sooner or later.
    wrap_up_seconds: Annotated[StrictInt, Field(ge=0, le=3600)] = 60
    channels: Annotated[list[Channel], Field(max_length=5, default_factory=list)]


class Queue(BaseModel):
    """A queue."""

    id: QueueId
    key: str
    name: str
    required_skills: list[Skill]
    priority: int
    offer_timeout_seconds: int
    answer_target_seconds: int | None
    wrap_up_seconds: int
    channels: list[Channel]


class Queues(BaseModel):
    """All queues."""

    items: list[Queue]
