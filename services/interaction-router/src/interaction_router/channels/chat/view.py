"""Gives chats and their messages the shape that a visitor sees."""

from datetime import datetime
from typing import Final
from uuid import UUID

import phonenumbers

from careline.database import ReadConnection
from interaction_router.channels.chat import repository
from interaction_router.channels.chat.schemas import Chat, ChatAgent, ChatMessage, ChatState, ChatStatus, Phone, Place
from interaction_router.interactions.rows import Row
from interaction_router.interactions.states import State

_STATES: Final[dict[State, ChatState]] = {
    State.QUEUED: "queued",
    State.OFFERED: "queued",
    State.ACTIVE: "active",
    # Put aside by the agent for a moment; for the visitor the conversation goes on.
    State.HELD: "active",
    State.WRAP_UP: "wrap_up",
    State.CLOSED: "ended",
    State.ABANDONED: "ended",
}
SHOWN_DIGITS = 4


def status(row: Row) -> ChatStatus:
    """Where a chat is. Its agent is named while there is one."""
    state: ChatState = "ended" if row["ended_at"] else _STATES[State(row["state"])]
    return ChatStatus(
        state=state,
        agent=ChatAgent(name=row["agent_name"]) if row["agent_name"] else None,
        phone=Phone(shown=mask(row["phone"]), state=row["phone_state"]) if row["phone"] else None,
        ended_by=row["ended_by"],
    )


def message(row: Row) -> ChatMessage:
    """One message."""
    external_id: str | None = row["external_id"]
    return ChatMessage(
        id=row["id"],
        seq=row["seq"],
        author="visitor" if row["kind"] == "inbound" else "agent",
        name="" if row["kind"] == "inbound" else row["author_name"],
        text=row["text"],
        sent_at=row["sent_at"],
        client_id=external_id.rpartition(":")[2] if external_id else None,
    )


def place(position: int) -> Place:
    """A place in the queue. Nobody can say yet how long it takes."""
    return Place(position=position, ahead=position - 1, expected_wait_seconds=None)


def mask(number: str) -> str:
    """A number of which only its owner knows the middle: +86 *** 8000."""
    return f"+{phonenumbers.parse(number).country_code} *** {number[-SHOWN_DIGITS:]}"


async def current(connection: ReadConnection, visitor_id: UUID, now: datetime) -> Chat | None:
    """The visitor's chat at one moment, so that the cursor and what it stands for fit together."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        row = await repository.current(connection, visitor_id, now)
        if row is None:
            return None
        messages = await repository.messages_of(connection, row["interaction_id"])
        places = await repository.places(connection, [row["interaction_id"]])
    shown = status(row)
    position = places.get(row["interaction_id"]) if shown.state == "queued" else None
    return Chat(
        **shown.model_dump(),
        id=row["interaction_id"],
        position=position,
        ahead=None if position is None else position - 1,
        expected_wait_seconds=None,
        opened_at=row["opened_at"],
        messages=[message(each) for each in messages],
        cursor=row["feed_seq"],
    )
