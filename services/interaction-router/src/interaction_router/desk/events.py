"""Feed events: the new state of whatever changed, numbered per agent."""

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

from interaction_router.agents import rows as agent_rows
from interaction_router.interactions import messages, rows
from interaction_router.interactions.states import HELD_BY_AGENT, State

if TYPE_CHECKING:
    from interaction_router.unit import Unit

# The counter moves under the agent's row lock, so no reader ever sees a number without those before it.
_TAKE_NUMBERS = "UPDATE agents SET feed_seq = feed_seq + $2 WHERE id = $1 RETURNING feed_seq"
_KEEP = "INSERT INTO desk_events (agent_id, seq, type, data, created_at) VALUES ($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class Told:
    """One event for one desk."""

    agent_id: UUID
    type: str
    data: str


async def write(unit: "Unit") -> None:
    """Turn what changed in the unit into feed events and number them."""
    await _tell_changes(unit)
    unit.told.sort(key=lambda told: told.agent_id)
    for agent_id, group in groupby(unit.told, key=lambda told: told.agent_id):
        events = list(group)
        last = await unit.connection.fetchval(_TAKE_NUMBERS, agent_id, len(events))
        first = last - len(events) + 1
        await unit.connection.executemany(
            _KEEP,
            [(agent_id, first + at, each.type, each.data, unit.now) for at, each in enumerate(events)],
        )


async def _tell_changes(unit: "Unit") -> None:
    holders: dict[UUID, UUID] = {}
    for row in await rows.find_rows(unit.connection, list(unit.changed)) if unit.changed else []:
        if row["state"] in HELD_BY_AGENT:
            holders[row["id"]] = row["agent_id"]
            unit.tell(row["agent_id"], "interaction.changed", rows.inbox_row(row))
        elif row["state"] == State.OFFERED:
            unit.tell(row["offered_to"], "offer.changed", rows.offer(row))
    for message_id in unit.new_messages:
        message = rows.message(await messages.find(unit.connection, message_id))
        if message.interaction_id in holders:
            unit.tell(holders[message.interaction_id], "message.added", message)
    for agent_id in unit.touched_agents:
        unit.tell(agent_id, "presence.changed", await agent_rows.read_agent(unit.connection, agent_id))
