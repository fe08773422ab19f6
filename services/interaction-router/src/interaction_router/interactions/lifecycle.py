"""What the agent who holds an interaction does with it: finish, go back, close, verify."""

from uuid import UUID

from careline.ids import encode
from careline.problems import Conflict, InvalidInput, NotFound
from interaction_router.agents import presence
from interaction_router.desk.schemas import InteractionRemoved
from interaction_router.events import Abandoned, Closed, IdentityVerified, Resumed, WrapUpStarted
from interaction_router.interactions import repository
from interaction_router.interactions.rows import Row
from interaction_router.interactions.schemas import ClosureInput
from interaction_router.interactions.states import Cause, IllegalTransitionError, State
from interaction_router.offers import service as offers
from interaction_router.unit import Unit


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


async def start_wrap_up(unit: Unit, row: Row, cause: Cause = Cause.AGENT_FINISHED) -> None:
    """The conversation is over."""
    moved = await _move(unit, row, State.WRAP_UP, cause)
    await unit.emit(
        WrapUpStarted(interaction_id=row["id"], agent_id=row["agent_id"], cause=cause.value),
        row["id"],
        moved["version"],
    )


async def resume(unit: Unit, row: Row) -> None:
    """Back from wrap-up: the conversation goes on."""
    moved = await _move(unit, row, State.ACTIVE, Cause.RESUMED)
    await unit.emit(
        Resumed(interaction_id=row["id"], agent_id=row["agent_id"], cause="resumed"), row["id"], moved["version"]
    )


async def close(unit: Unit, row: Row, body: ClosureInput) -> None:
    """Dealt with: the capacity is free again, and the next piece of work may come."""
    known = await unit.connection.fetchval(
        "SELECT EXISTS (SELECT FROM dispositions WHERE code = $1 AND active)", body.disposition
    )
    if not known:
        raise InvalidInput("disposition", "unknown", "Take a code of GET /v1/dispositions.")
    await repository.release_capacity(unit.connection, row["id"])
    moved = await _move(unit, row, State.CLOSED, Cause.DISPOSED, disposition=body.disposition, note=body.note)
    agent_id: UUID = row["agent_id"]
    await unit.emit(_closed(moved), row["id"], moved["version"])
    unit.tell(agent_id, "interaction.removed", InteractionRemoved(id=row["id"], cause="closed"))
    await unit.connection.execute("DELETE FROM drafts WHERE interaction_id = $1", row["id"])
    await presence.got_work(unit, agent_id)
    unit.decide = True


async def abandon(unit: Unit, row: Row) -> None:
    """The customer left before anybody answered."""
    await offers.rescind(unit, row, "abandoned")
    await repository.release_capacity(unit.connection, row["id"])
    moved = await _move(unit, row, State.ABANDONED, Cause.CUSTOMER_ENDED)
    await unit.emit(_abandoned(moved), row["id"], moved["version"])
    unit.decide = True


async def verify(unit: Unit, row: Row, identifier_type: str | None) -> None:
    """The agent has made sure who it is."""
    if row["customer_id"] is None:
        raise WrongState("It is not known yet whose matter this is.")
    if row["identity"] == "verified":
        return
    await unit.connection.execute("UPDATE interactions SET identity = 'verified' WHERE id = $1", row["id"])
    await unit.connection.execute(
        "UPDATE interaction_identifiers SET state = 'verified' WHERE interaction_id = $1", row["id"]
    )
    moved = await repository.next_version(unit.connection, row["id"], unit.now)
    await unit.emit(
        IdentityVerified(
            interaction_id=row["id"],
            customer_id=row["customer_id"],
            visitor_id=row["visitor_id"],
            identifier_type=identifier_type,
            method="agent_check",
        ),
        row["id"],
        moved["version"],
    )
    unit.changed.add(row["id"])


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


def _closed(row: Row) -> Closed:
    return Closed(
        interaction_id=row["id"],
        customer_id=row["customer_id"],
        visitor_id=row["visitor_id"],
        identity=row["identity"],
        channel=row["channel"],
        queue_id=row["queue_id"],
        agent_id=row["agent_id"],
        disposition=row["disposition"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        handle_seconds=(row["closed_at"] - row["assigned_at"]).total_seconds(),
    )


def _abandoned(row: Row) -> Abandoned:
    return Abandoned(
        interaction_id=row["id"],
        customer_id=row["customer_id"],
        visitor_id=row["visitor_id"],
        identity=row["identity"],
        channel=row["channel"],
        queue_id=row["queue_id"],
        opened_at=row["opened_at"],
        abandoned_at=row["closed_at"],
        waited_seconds=(row["closed_at"] - row["waiting_since"]).total_seconds(),
    )
