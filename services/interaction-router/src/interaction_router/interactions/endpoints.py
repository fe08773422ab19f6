"""Interactions: reading them, and what the agent who holds one does with it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.idempotency import Idempotency
from careline.pagination import Page, decode_cursor, encode_cursor
from careline.problems import InvalidInput, problem_responses
from interaction_router.deliveries import about, calls
from interaction_router.desk.endpoints import SCOPE, DeskUser, KnownAgent
from interaction_router.ids import InteractionId
from interaction_router.interactions import drafts, lifecycle, messages, rows, write
from interaction_router.interactions.access import viewer_of, visible
from interaction_router.interactions.schemas import (
    ClosureInput,
    Draft,
    DraftInput,
    Interaction,
    Message,
    MessageInput,
    VerificationInput,
)
from interaction_router.routing.explain import explain
from interaction_router.routing.schemas import DecisionRecord
from interaction_router.settings import RouterSettings
from interaction_router.unit import Unit, UnitDep

PAGE = 50
NEWEST = 2**31 - 1

router = APIRouter(prefix="/v1/interactions", tags=["interactions"], responses=problem_responses(401, 403, 404))
Reader = Annotated[Principal, requires(SCOPE)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.get("/{interaction_id}")
async def get_interaction(
    interaction_id: InteractionId, principal: Reader, connection: ReadConnectionDep
) -> Interaction:
    """One interaction in full."""
    row = await visible(connection, interaction_id, principal)
    return await _in_full(connection, row, viewer_of(principal))


@router.get("/{interaction_id}/messages")
async def list_messages(
    interaction_id: InteractionId, principal: Reader, connection: ReadConnectionDep, before: Cursor = None
) -> Page[Message]:
    """The messages of an interaction, newest first."""
    await visible(connection, interaction_id, principal)
    seq = _seq(before)
    found = await messages.page(connection, interaction_id, seq, PAGE + 1)
    items = [rows.message(row) for row in found[:PAGE]]
    return Page(items=items, next=encode_cursor(items[-1].seq) if len(found) > PAGE else None)


@router.post("/{interaction_id}/messages", status_code=201, responses=problem_responses(400, 409))
async def write_message(
    interaction_id: InteractionId,
    body: MessageInput,
    principal: DeskUser,
    agent_id: KnownAgent,
    once: Idempotency,
    unit: UnitDep,
    request: Request,
) -> Message:
    """Answer the customer, or leave a note for colleagues."""
    settings: RouterSettings = request.state.settings

    async def work() -> Message:
        row = await lifecycle.held_by(unit, interaction_id, agent_id)
        return rows.message(await write.write(unit, row, body, principal, settings.mail_address))

    return await once.run(unit.connection, principal.subject, work)


@router.put("/{interaction_id}/read", status_code=204)
async def mark_read(interaction_id: InteractionId, agent_id: KnownAgent, unit: UnitDep) -> None:
    """Everything up to now has been read."""
    await lifecycle.held_by(unit, interaction_id, agent_id)
    await unit.connection.execute("UPDATE interactions SET unread = 0 WHERE id = $1", interaction_id)
    unit.changed.add(interaction_id)


@router.get("/{interaction_id}/draft")
async def get_draft(
    interaction_id: InteractionId, principal: Reader, agent_id: KnownAgent, connection: ReadConnectionDep
) -> Draft:
    """Your unfinished text."""
    await visible(connection, interaction_id, principal)
    return await drafts.read(connection, interaction_id, agent_id)


@router.put("/{interaction_id}/draft", responses=problem_responses(409))
async def put_draft(interaction_id: InteractionId, body: DraftInput, agent_id: KnownAgent, unit: UnitDep) -> Draft:
    """Keep your unfinished text; 409 if it was changed elsewhere."""
    await lifecycle.held_by(unit, interaction_id, agent_id)
    return await drafts.put(unit.connection, interaction_id, agent_id, body, unit.now)


@router.post("/{interaction_id}/verification", responses=problem_responses(409))
async def verify_identity(
    interaction_id: InteractionId,
    body: VerificationInput,
    principal: DeskUser,
    agent_id: KnownAgent,
    unit: UnitDep,
) -> Interaction:
    """Say that you have made sure who it is."""
    row = await lifecycle.held_by(unit, interaction_id, agent_id)
    await lifecycle.verify(unit, row)
    if body.note:
        await write.add(unit, row, _note(row, body.note, principal, unit))
    return await _detail(unit, interaction_id, agent_id)


@router.post("/{interaction_id}/hold", responses=problem_responses(409))
async def hold(interaction_id: InteractionId, agent_id: KnownAgent, unit: UnitDep) -> Interaction:
    """Put the conversation aside for a moment; it stays yours."""
    await lifecycle.hold(unit, await lifecycle.held_by(unit, interaction_id, agent_id))
    return await _detail(unit, interaction_id, agent_id)


@router.post("/{interaction_id}/wrap-up", responses=problem_responses(409))
async def start_wrap_up(interaction_id: InteractionId, agent_id: KnownAgent, unit: UnitDep) -> Interaction:
    """The conversation is over; finish the work on it, in the time that the queue gives."""
    await lifecycle.start_wrap_up(unit, await lifecycle.held_by(unit, interaction_id, agent_id))
    return await _detail(unit, interaction_id, agent_id)


@router.post("/{interaction_id}/resumption", responses=problem_responses(409))
async def resume(interaction_id: InteractionId, agent_id: KnownAgent, unit: UnitDep) -> Interaction:
    """Back from hold or wrap-up."""
    await lifecycle.resume(unit, await lifecycle.held_by(unit, interaction_id, agent_id))
    return await _detail(unit, interaction_id, agent_id)


@router.post("/{interaction_id}/closure", responses=problem_responses(409))
async def close(interaction_id: InteractionId, body: ClosureInput, agent_id: KnownAgent, unit: UnitDep) -> Interaction:
    """Say what came of it; your capacity is free again."""
    await lifecycle.close(unit, await lifecycle.held_by(unit, interaction_id, agent_id), body)
    return await _detail(unit, interaction_id, agent_id)


@router.get("/{interaction_id}/decisions")
async def list_decisions(
    interaction_id: InteractionId, principal: Reader, connection: ReadConnectionDep
) -> list[DecisionRecord]:
    """Why it went to whom it went, or why it waits; newest first."""
    await visible(connection, interaction_id, principal)
    return await explain(connection, interaction_id)


async def _detail(unit: Unit, interaction_id: UUID, agent_id: UUID) -> Interaction:
    row = await rows.find_row(unit.connection, interaction_id)
    if row is None:
        raise lifecycle.unknown(interaction_id)
    return await _in_full(unit.connection, row, agent_id)


async def _in_full(connection: rows.AnyConnection, row: rows.Row, viewer: UUID | None) -> Interaction:
    return rows.interaction(
        row,
        await rows.identifiers_of(connection, row["id"]),
        viewer,
        task=await about.task_of(connection, row["id"]) if row["channel"] == calls.CHANNEL else None,
        answers=await about.answered_by(connection, row["id"]) if row["channel"] == "mail" else None,
    )


def _note(row: rows.Row, text: str, principal: Principal, unit: Unit) -> messages.NewMessage:
    return messages.NewMessage(
        channel=row["channel"],
        kind="note",
        author_kind="agent",
        author_id=row["agent_id"],
        author_name=principal.name,
        text=text,
        sent_at=unit.now,
    )


def _seq(cursor: str | None) -> int:
    if cursor is None:
        return NEWEST
    seq = decode_cursor(cursor, parts=1)[0]
    if not isinstance(seq, int) or isinstance(seq, bool) or not 0 <= seq <= NEWEST:
        raise InvalidInput("before", "not a cursor of this list", "Take `next` of the page before, unchanged.")
    return seq
