"""What the lines of visitors are told: whatever a unit of work changed in their chats, numbered per chat.

Written at the end of each unit, when interactions and agents are locked already: chats are locked last, in the
order of their ids, so no two units can wait for one another in a ring.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from interaction_router.channels.chat import repository, view
from interaction_router.channels.chat.schemas import ChatStatus
from interaction_router.interactions.rows import Row
from interaction_router.interactions.states import State
from interaction_router.unit import Unit

Told = tuple[str, str]


async def write(unit: Unit, changed: Sequence[Row]) -> None:
    """Tell visitors what changed for them."""
    chats = [each["id"] for each in changed if each["channel"] == "chat"]
    if not chats:
        return
    rows = await repository.lock_many(unit.connection, chats)
    messages = await _new_messages(unit)
    for row in rows:
        told = await _status(unit, row)
        events = _changes(row["told"], told) + messages[row["interaction_id"]]
        if events:
            await repository.keep_events(
                unit.connection, row["interaction_id"], told.model_dump_json(), events, unit.now
            )


async def _new_messages(unit: Unit) -> defaultdict[UUID, list[Told]]:
    found: defaultdict[UUID, list[Told]] = defaultdict(list)
    for row in await repository.messages_by_id(unit.connection, unit.new_messages) if unit.new_messages else []:
        found[row["interaction_id"]].append(("message.added", view.message(row).model_dump_json()))
    return found


async def _status(unit: Unit, row: Row) -> ChatStatus:
    """The chat's new state; it ends with its interaction and goes on with it."""
    status = view.status(row)
    over = row["state"] in {State.CLOSED, State.ABANDONED}
    if over and row["ended_at"] is None:
        await repository.end(unit.connection, row["interaction_id"], "agent", unit.now)
        return status.model_copy(update={"ended_by": "agent"})
    if row["ended_at"] is not None and row["state"] == State.ACTIVE:
        await repository.go_on(unit.connection, row["interaction_id"])
        return status.model_copy(update={"state": "active", "ended_by": None})
    return status


def _changes(before: str, after: ChatStatus) -> list[Told]:
    rendered = after.model_dump_json()
    if rendered == before:
        return []
    events: list[Told] = [("state.changed", rendered)]
    known = ChatStatus.model_validate_json(before).agent if before else None
    if after.agent is not None and after.agent != known:
        events.append(("agent.joined", after.agent.model_dump_json()))
    return events
