"""What a visitor sends and sees. She never sees notes, offers, or who else was asked."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from interaction_router.ids import InteractionId, MessageId
from interaction_router.interactions.schemas import Input, Language

MAX_TEXT_CHARS = 4000
# Offered counts as queued: who is being asked is the house's business.
ChatState = Literal["queued", "active", "wrap_up", "ended"]


class ChatInput(Input):
    """What a chat begins with."""

    language: Language
    queue: Annotated[str, StringConstraints(max_length=100)] | None = None
    topic: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    page_url: Annotated[str, StringConstraints(max_length=2000)] | None = None


class ChatMessageInput(Input):
    """What the visitor writes: text and nothing but text."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT_CHARS, pattern=r"\S")]


class PhoneInput(Input):
    """A number as she types it."""

    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]


class Phone(BaseModel):
    """A number that she has given, mostly hidden. It stays claimed until somebody has checked it."""

    shown: str
    state: Literal["claimed", "verified"]


class ChatAgent(BaseModel):
    """With whom she talks."""

    name: str


class ChatStatus(BaseModel):
    """Where the chat is."""

    state: ChatState
    agent: ChatAgent | None
    phone: Phone | None
    ended_by: Literal["visitor", "agent", "absence"] | None


class ChatMessage(BaseModel):
    """One message. `client_id` is the Idempotency-Key under which she sent it."""

    id: MessageId
    seq: int
    author: Literal["visitor", "agent"]
    name: str
    text: str
    sent_at: datetime
    client_id: str | None


class Place(BaseModel):
    """The place in the queue: 1 is next."""

    position: int
    ahead: int
    expected_wait_seconds: int | None


class Chat(ChatStatus):
    """A chat up to `cursor`; everything later comes by its feed. The place is null once nobody is waited for."""

    id: InteractionId
    position: int | None
    ahead: int | None
    expected_wait_seconds: int | None
    opened_at: datetime
    messages: list[ChatMessage]
    cursor: Annotated[int, Field(ge=0)]
