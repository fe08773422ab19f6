"""What an interaction looks like from outside."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from interaction_router.deliveries.events import Means, Purpose
from interaction_router.events import Channel, Identity
from interaction_router.ids import (
    AgentId,
    AttachmentId,
    CareId,
    CustomerId,
    DeliveryId,
    InteractionId,
    MessageId,
    OfferId,
    QueueId,
    TemplateId,
    VisitorId,
)
from interaction_router.interactions.states import State

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Copy = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=320)]
Language = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Delivery = Literal["queued", "sending", "sent", "failed", "unknown", "bounced"]


class Input(BaseModel):
    """Base of what comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class QueueRef(BaseModel):
    """The queue that an interaction belongs to."""

    id: QueueId
    name: str


class CustomerRef(BaseModel):
    """Who it is about, as far as that is known."""

    id: CustomerId | None
    name: str
    identity: Identity
    tier: str | None
    history: Literal["ready", "late"]


class InboxRow(BaseModel):
    """An interaction as one line of an inbox. `sort_key` drives both the order and its label."""

    id: InteractionId
    channel: Channel
    state: State
    sort_key: str
    waiting_since: datetime
    target_at: datetime | None
    unread: int
    customer: CustomerRef
    subject: str
    snippet: str
    queue: QueueRef
    language: str | None
    updated_at: datetime
    version: int
    # Since when it is on hold.
    held_at: datetime | None
    # Until when the wrap-up keeps the agent's capacity; what is unfinished then stays as it is.
    wrap_up_until: datetime | None


class OfferReason(BaseModel):
    """Why this agent."""

    skills: list[str]
    waited_seconds: float
    because: str


class Offer(BaseModel):
    """A piece of work offered until a moment that the server sets."""

    id: OfferId
    interaction: InboxRow
    offered_at: datetime
    expires_at: datetime
    why: OfferReason


class AgentRef(BaseModel):
    """The agent who holds an interaction."""

    id: AgentId
    name: str


class IdentifierState(BaseModel):
    """How the customer was told apart from others."""

    type: str
    value: str
    state: Literal["claimed", "verified"]


class Possible(BaseModel):
    """What the caller may do now."""

    reply: bool
    note: bool
    verify: bool
    hold: bool
    wrap_up: bool
    # Back from hold or wrap-up.
    resume: bool
    close: bool


class DeliveryRef(BaseModel):
    """What care sent, that an interaction is about."""

    delivery_id: DeliveryId
    care_id: CareId
    means: Means
    occasion: str
    purpose: Purpose
    reference: str | None


class PhoneTask(DeliveryRef):
    """A call to make for care; `attempt` counts from 1."""

    script: str
    attempt: int


class Interaction(InboxRow):
    """An interaction in full. `task` is set for a call to make, `answers` where the customer answers to care."""

    opened_at: datetime
    assigned_at: datetime | None
    agent: AgentRef | None
    visitor_id: VisitorId | None
    previous_interaction_id: InteractionId | None
    identifiers: list[IdentifierState]
    wrap_up_at: datetime | None
    disposition: str | None
    disposition_note: str | None
    closed_at: datetime | None
    task: PhoneTask | None
    answers: DeliveryRef | None
    can: Possible


class Author(BaseModel):
    """Who wrote a message."""

    kind: Literal["customer", "agent", "system"]
    name: str


class AttachmentInfo(BaseModel):
    """A file that came with a message."""

    id: AttachmentId
    name: str
    size: int
    media_type: str


class Message(BaseModel):
    """One message of an interaction. `identity` says whether the sender of this very message was proven."""

    id: MessageId
    interaction_id: InteractionId
    seq: int
    kind: Literal["inbound", "reply", "note", "system"]
    author: Author
    text: str
    language: str | None
    subject: str | None
    sent_at: datetime
    # Who else was sent it.
    cc: list[str]
    identity: Literal["verified", "claimed"] | None
    delivery: Delivery | None
    attachments: list[AttachmentInfo]
    html_available: bool


class MessageInput(Input):
    """What an agent writes: an answer to the customer, or a note for colleagues."""

    kind: Literal["reply", "note"]
    text: Text
    template_id: TemplateId | None = None
    subject: Line | None = None
    # Mail addresses that get a copy; only of an answer by mail.
    cc: Annotated[list[Copy], Field(max_length=10)] = []


class DraftInput(Input):
    """An unfinished text; `version` is the one it was made from, 0 for a new draft."""

    text: Annotated[str, StringConstraints(max_length=20_000)]
    kind: Literal["reply", "note"]
    # As it is typed, so half an address is no mistake.
    cc: Annotated[str, StringConstraints(max_length=4000)] = ""
    version: Annotated[StrictInt, Field(ge=0, le=1_000_000_000)]


class Draft(BaseModel):
    """An unfinished text as it is kept."""

    text: str
    kind: Literal["reply", "note"]
    cc: str
    version: int
    updated_at: datetime | None


class VerificationInput(Input):
    """How the agent made sure who it is."""

    method: Literal["agent_check"]
    note: Line | None = None


class ClosureInput(Input):
    """What came of it."""

    disposition: Line
    note: Annotated[str, StringConstraints(max_length=2000)] | None = None


class IdentifierInput(Input):
    """What names a customer."""

    type: Literal["email", "phone", "card", "plate", "order", "wechat_open"]
    value: Line


class CustomerInput(Input):
    """Whose matter it is."""

    identifier: IdentifierInput


class InteractionInput(Input):
    """A matter that a partner's program writes down."""

    external_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    channel: Literal["partner", "in_person"]
    queue: Annotated[str, StringConstraints(max_length=100)] | None = None
    language: Language | None = None
    customer: CustomerInput
    subject: Line
    text: Text
    occurred_at: datetime
