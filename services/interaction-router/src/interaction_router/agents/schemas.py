"""Agents as seen from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt, StringConstraints

from interaction_router.ids import AgentId
from interaction_router.interactions.schemas import Input

Status = Literal["available", "busy", "break", "away", "offline"]
SkillName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9:_-]{0,63}$")]


class Skill(Input):
    """A skill and its level; `language:zh` and the like say which languages are spoken."""

    skill: SkillName
    level: Annotated[StrictInt, Field(ge=1, le=5)]


class Capacity(Input):
    """How much an agent takes at a time; partners' and walk-in matters count as mail."""

    mail: Annotated[StrictInt, Field(ge=0, le=50)]
    chat: Annotated[StrictInt, Field(ge=0, le=50)]


class AgentSkillsInput(Input):
    """What an agent can do."""

    skills: Annotated[list[Skill], Field(max_length=50)]
    capacity: Capacity


class PresenceInput(Input):
    """What the agent says she is doing."""

    status: Status
    reason: Annotated[str, StringConstraints(max_length=200)] | None = None


class Presence(BaseModel):
    """What an agent is doing; `not_responding` is set when she missed an offer."""

    status: Status
    since: datetime
    reason: str | None
    not_responding: bool


class Agent(BaseModel):
    """An agent."""

    id: AgentId
    name: str
    presence: Presence
    skills: list[Skill]
    capacity: Capacity
