"""What the desk is told."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictBool

from interaction_router.agents.schemas import Agent
from interaction_router.ids import InteractionId, OfferId
from interaction_router.interactions.schemas import InboxRow, Input, Offer

InboxOrder = Literal["urgency", "newest", "oldest"]


class DeskSettings(Input):
    """How the agent likes her desk."""

    enter_sends: StrictBool
    order: InboxOrder


class Counts(BaseModel):
    """How much is in hand, and how much waits in queues that the agent has the skills for."""

    mine: int
    queue: int


class Snapshot(BaseModel):
    """The whole desk at `cursor`; everything later comes by the feed."""

    cursor: int
    agent: Agent
    offers: list[Offer]
    interactions: list[InboxRow]
    counts: Counts
    settings: DeskSettings


class OfferRemoved(BaseModel):
    """An offer is over, and why."""

    id: OfferId
    interaction_id: InteractionId
    cause: str


class InteractionRemoved(BaseModel):
    """An interaction left the desk, and why."""

    id: InteractionId
    cause: str


class Authenticate(Input):
    """The first frame of a line; later ones renew the token."""

    type: Literal["authenticate"]
    token: Annotated[str, Field(max_length=8192)]
    after: Annotated[int, Field(ge=0)] | None = None
