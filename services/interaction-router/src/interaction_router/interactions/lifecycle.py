"""What the agent who holds an interaction does with it: put aside, finish, go back, close, verify."""

from typing import Any
from uuid import UUID

from careline.ids import encode
from careline.problems import Conflict, InvalidInput, NotFound
from interaction_router.agents import presence
from interaction_router.deliveries import calls
from interaction_router.desk.schemas import InteractionRemoved
from interaction_router.events import Abandoned, Closed, Held, IdentityVerified, Resumed, WrapUpStarted
from interaction_router.interactions import repository
from interaction_router.interactions.rows import Row
from interaction_router.interactions.schemas import ClosureInput
from interaction_router.interactions.states import Cause, IllegalTransitionError, State
from interaction_router.offers import service as offers
from interaction_router.routing.memory import capacity_channel
from interaction_router.unit import Unit

# A call has outcomes of its own, because care goes on from them.
_FITS = """
SELECT EXISTS (SELECT FROM dispositions WHERE code = $1 AND active AND (channel = $2 OR channel IS NULL AND NOT $3))
"""

_VERIFY_ONLY = """
UPDATE interaction_identifiers SET state = 'verified'
WHERE interaction_id = $1 AND 1 = (SELECT count(*) FROM interaction_identifiers WHERE interaction_id = $1)
RETURNING type, identifier_id
"""


class WrongState(Conflict):
    """The interaction is not in a state that allows this."""

    type_name = "wrong-state"
    title = "The interaction is in another state"


def unknown(interaction_id: UUID) -> NotFound:
    """There is no such interaction, or it is not for the caller."""
    return NotFound("interaction", encode("int", interaction_id))


async def held_by(unit: Unit, interaction_id: UUID, agent_id: UUID) -> Row:
    """Lock an interaction for the agent who holds it: the one way to change it on her behalf."""
    row = await repository.lock(unit.connection, interaction_id)
    if row is None or row["agent_id"] != agent_id:
        raise unknown(interaction_id)
    return row


async def hold(unit: Unit, row: Row) -> None:
    """Put the conversation aside; it stays with the agent and keeps her capacity."""
    await _step(unit, row, State.HELD, Cause.PUT_ON_HOLD, Held)


async def start_wrap_up(unit: Unit, row: Row, cause: Cause = Cause.AGENT_FINISHED) -> None:
    """The conversation is over; its queue says for how long the wrap-up keeps the agent's capacity."""
    await _step(unit, row, State.WRAP_UP, cause, WrapUpStarted)


async def resume(unit: Unit, row: Row, cause: Cause | None = None) -> None:
    """Back from hold or wrap-up: the conversation goes on, with room for it even if its time was over."""
    cause = cause or (Cause.TAKEN_OFF_HOLD if row["state"] == State.HELD else Cause.RESUMED)
    await _step(unit, row, State.ACTIVE, cause, Resumed)
    await repository.claim_again(unit.connection, row["id"], row["agent_id"], capacity_channel(row["channel"]))


async def end_wrap_up(unit: Unit, interaction_id: UUID) -> None:
    """The time for wrapping up is over: the capacity is free. Draft and disposition wait for the agent."""
    row = await repository.lock(unit.connection, interaction_id)
    if row is None or row["state"] != State.WRAP_UP or row["wrap_up_until"] > unit.now:
        return
    if await repository.release_capacity(unit.connection, interaction_id):
        await presence.got_work(unit, row["agent_id"])
        unit.changed.add(interaction_id)
        unit.decide = True


async def close_left(unit: Unit, interaction_id: UUID, body: ClosureInput, supervisor_id: UUID | None) -> None:
    """A supervisor finishes what its agent has left lying, so that the timeline and the follow-up come."""
    row = await repository.lock(unit.connection, interaction_id)
    if row is None:
        raise unknown(interaction_id)
    if row["state"] != State.WRAP_UP or row["wrap_up_until"] > unit.now:
        raise WrongState("Only a wrap-up whose time is over is finished for its agent.", state=row["state"])
    await close(unit, row, body, closed_by=supervisor_id)


async def close(unit: Unit, row: Row, body: ClosureInput, *, closed_by: UUID | None = None) -> None:
    """Dealt with: the capacity is free again, and the next piece of work may come."""
    known = await unit.connection.fetchval(_FITS, body.disposition, row["channel"], row["channel"] == calls.CHANNEL)
    if not known:
        raise InvalidInput("disposition", "unknown", "Take a code of GET /v1/dispositions.")
    was_in_hand = await repository.release_capacity(unit.connection, row["id"])
    moved = await _move(unit, row, State.CLOSED, Cause.DISPOSED, disposition=body.disposition, note=body.note)
    agent_id: UUID = row["agent_id"]
    await unit.emit(_closed(moved, closed_by), row["id"], moved["version"])
    if row["channel"] == calls.CHANNEL:
        await calls.closed(unit, row["id"], body.disposition)
    unit.tell(agent_id, "interaction.removed", InteractionRemoved(id=row["id"], cause="closed"))
    await unit.connection.execute("DELETE FROM drafts WHERE interaction_id = $1", row["id"])
    if was_in_hand:
        await presence.got_work(unit, agent_id)
        unit.decide = True


async def abandon(unit: Unit, row: Row) -> None:
    """The customer left before anybody answered."""
    await offers.rescind(unit, row, "abandoned")
    await repository.release_capacity(unit.connection, row["id"])
    moved = await _move(unit, row, State.ABANDONED, Cause.CUSTOMER_ENDED)
    await unit.emit(_abandoned(moved), row["id"], moved["version"])
    unit.decide = True


async def verify(unit: Unit, row: Row) -> None:
    """The agent has made sure who it is, and with that the one identifier that she came with; of several, none."""
    if row["customer_id"] is None:
        raise WrongState("It is not known yet whose matter this is.")
    if row["identity"] == "verified":
        return
    await unit.connection.execute("UPDATE interactions SET identity = 'verified' WHERE id = $1", row["id"])
    checked = await unit.connection.fetchrow(_VERIFY_ONLY, row["id"])
    moved = await repository.next_version(unit.connection, row["id"], unit.now)
    await unit.emit(
        IdentityVerified(
            interaction_id=row["id"],
            customer_id=row["customer_id"],
            visitor_id=row["visitor_id"],
            identifier_type=checked["type"] if checked else None,
            identifier_id=checked["identifier_id"] if checked else None,
            method="agent_check",
        ),
        row["id"],
        moved["version"],
    )
    unit.changed.add(row["id"])


async def _step(
    unit: Unit, row: Row, after: State, cause: Cause, event: type[Held] | type[WrapUpStarted] | type[Resumed]
) -> None:
    moved = await _move(unit, row, after, cause)
    said = event(interaction_id=row["id"], agent_id=row["agent_id"], cause=cause.value)
    await unit.emit(said, row["id"], moved["version"])


async def _move(
    unit: Unit,
    row: Row,
    after: State,
    cause: Cause,
    *,
    disposition: str | None = None,
    note: str | None = None,
) -> Row:
    try:
        moved = await repository.enter_state(
            unit.connection, row, after, cause, unit.now, disposition=disposition, note=note
        )
    except IllegalTransitionError as fault:
        raise WrongState(str(fault), state=row["state"]) from None
    unit.changed.add(row["id"])
    return moved


def _closed(row: Row, closed_by: UUID | None) -> Closed:
    return Closed(
        **_whose(row),
        agent_id=row["agent_id"],
        disposition=row["disposition"],
        closed_by=closed_by,
        closed_at=row["closed_at"],
        handle_seconds=(row["closed_at"] - row["assigned_at"]).total_seconds(),
    )


def _abandoned(row: Row) -> Abandoned:
    return Abandoned(
        **_whose(row),
        abandoned_at=row["closed_at"],
        waited_seconds=(row["closed_at"] - row["waiting_since"]).total_seconds(),
    )


def _whose(row: Row) -> dict[str, Any]:
    names = ("customer_id", "visitor_id", "identity", "channel", "queue_id", "opened_at")
    return {"interaction_id": row["id"], **{name: row[name] for name in names}}
