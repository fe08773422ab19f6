"""Reads interactions and messages and gives them their outside shape. All readers share these statements."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from careline.database import ReadConnection, WriteConnection
from interaction_router.interactions.schemas import (
    AgentRef,
    AttachmentInfo,
    Author,
    CustomerRef,
    DeliveryRef,
    IdentifierState,
    InboxRow,
    Interaction,
    Message,
    Offer,
    OfferReason,
    PhoneTask,
    Possible,
    QueueRef,
)
from interaction_router.interactions.states import State

# A matter that a partner wrote down is answered by the partner.
ANSWERABLE = {"mail", "chat"}
AnyConnection = ReadConnection | WriteConnection
Row = asyncpg.Record

SELECT_ROW = """
SELECT i.*, q.name AS queue_name, a.name AS agent_name,
       o.id AS offer_id, o.agent_id AS offered_to, o.offered_at, o.expires_at, o.why
FROM interactions i
JOIN queues q ON q.id = i.queue_id
LEFT JOIN agents a ON a.id = i.agent_id
LEFT JOIN offers o ON o.interaction_id = i.id AND o.state = 'open'
"""

SELECT_MESSAGE = """
SELECT m.*, coalesce(
    (SELECT json_agg(json_build_object('id', f.id, 'name', f.name, 'size', f.size, 'media_type', f.media_type)
                     ORDER BY f.id)
     FROM attachments f WHERE f.message_id = m.id), '[]') AS files
FROM messages m
"""


async def find_row(connection: AnyConnection, interaction_id: UUID) -> Row | None:
    """One interaction, or nothing."""
    row: Row | None = await connection.fetchrow(SELECT_ROW + "WHERE i.id = $1", interaction_id)
    return row


async def find_rows(connection: AnyConnection, ids: Sequence[UUID]) -> list[Row]:
    """Several interactions in the order of their ids."""
    rows: list[Row] = await connection.fetch(SELECT_ROW + "WHERE i.id = ANY($1) ORDER BY i.id", ids)
    return rows


async def identifiers_of(connection: AnyConnection, interaction_id: UUID) -> list[IdentifierState]:
    """How the customer of an interaction was told apart."""
    rows = await connection.fetch(
        "SELECT type, value, state FROM interaction_identifiers WHERE interaction_id = $1 ORDER BY type, value",
        interaction_id,
    )
    return [IdentifierState(type=row["type"], value=row["value"], state=row["state"]) for row in rows]


def sort_key(row: Row) -> str:
    """Nearest target first, then longest waiting; ties by id."""
    due: datetime = row["target_at"] or row["waiting_since"]
    return f"{due.isoformat(timespec='microseconds')}/{row['id']}"


def inbox_row(row: Row) -> InboxRow:
    """One line of an inbox."""
    return InboxRow(**_line(row))


def offer(row: Row) -> Offer:
    """The open offer of an interaction."""
    return Offer(
        id=row["offer_id"],
        interaction=inbox_row(row),
        offered_at=row["offered_at"],
        expires_at=row["expires_at"],
        why=OfferReason(**json.loads(row["why"])),
    )


def interaction(
    row: Row,
    identifiers: list[IdentifierState],
    viewer: UUID | None,
    *,
    task: PhoneTask | None = None,
    answers: DeliveryRef | None = None,
) -> Interaction:
    """An interaction in full, with what the viewer may do."""
    return Interaction(
        **_line(row),
        opened_at=row["opened_at"],
        assigned_at=row["assigned_at"],
        agent=AgentRef(id=row["agent_id"], name=row["agent_name"]) if row["agent_id"] else None,
        visitor_id=row["visitor_id"],
        previous_interaction_id=row["previous_interaction_id"],
        identifiers=identifiers,
        wrap_up_at=row["wrap_up_at"],
        disposition=row["disposition"],
        disposition_note=row["disposition_note"],
        closed_at=row["closed_at"],
        task=task,
        answers=answers,
        can=_possible(row, viewer),
    )


def message(row: Row) -> Message:
    """One message."""
    return Message(
        id=row["id"],
        interaction_id=row["interaction_id"],
        seq=row["seq"],
        kind=row["kind"],
        author=Author(kind=row["author_kind"], name=row["author_name"]),
        text=row["text"],
        language=row["language"],
        subject=row["subject"],
        sent_at=row["sent_at"],
        cc=row["cc"],
        identity=row["identity"],
        delivery=row["delivery"],
        attachments=[AttachmentInfo(**{**each, "id": UUID(each["id"])}) for each in json.loads(row["files"])],
        html_available=row["html_available"],
    )


def _line(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "channel": row["channel"],
        "state": row["state"],
        "sort_key": sort_key(row),
        "waiting_since": row["waiting_since"],
        "target_at": row["target_at"],
        "unread": row["unread"],
        "customer": CustomerRef(
            id=row["customer_id"],
            name=row["customer_name"],
            identity=row["identity"],
            tier=row["tier"],
            history=row["history"],
        ),
        "subject": row["subject"],
        "snippet": row["snippet"],
        "queue": QueueRef(id=row["queue_id"], name=row["queue_name"]),
        "language": row["language"],
        "updated_at": row["updated_at"],
        "version": row["version"],
        "held_at": row["held_at"],
        "wrap_up_until": row["wrap_up_until"],
    }


def _possible(row: Row, viewer: UUID | None) -> Possible:
    mine = viewer is not None and row["agent_id"] == viewer
    active = mine and row["state"] == State.ACTIVE
    held = mine and row["state"] == State.HELD
    wrapping = mine and row["state"] == State.WRAP_UP
    in_hand = active or held or wrapping
    return Possible(
        reply=active and row["channel"] in ANSWERABLE,
        note=in_hand,
        verify=in_hand and row["identity"] != "verified" and row["customer_id"] is not None,
        hold=active,
        wrap_up=active or held,
        resume=held or wrapping,
        close=in_hand,
    )
