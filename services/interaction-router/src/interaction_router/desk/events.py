"""Feed events: the new state of whatever changed, numbered per agent."""

from collections.abc import Sequence
from uuid import UUID

from interaction_router.agents import rows as agent_rows
from interaction_router.interactions import messages, rows
from interaction_router.interactions.states import HELD_BY_AGENT, State
from interaction_router.unit import Unit

# The counters move under the agents' row locks, taken in the order of their ids, so no reader ever sees a number
# without those before it; $2 holds each agent's events in their order.
_KEEP = """
WITH event AS (
    SELECT agent_id, type, data, row_number() OVER (PARTITION BY agent_id ORDER BY place) AS nth,
        count(*) OVER (PARTITION BY agent_id) AS n
    FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS given(agent_id, type, data, place)
), locked AS MATERIALIZED (
    SELECT id FROM agents WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE
), counted AS (
    UPDATE agents SET feed_seq = feed_seq + e.n
    FROM locked, (SELECT DISTINCT agent_id, n FROM event) e
    WHERE agents.id = locked.id AND e.agent_id = locked.id
    RETURNING agents.id, feed_seq
)
INSERT INTO desk_events (agent_id, seq, type, data, created_at)
SELECT agent_id, feed_seq - n + nth, type, data, $4 FROM event JOIN counted ON counted.id = agent_id
"""


async def write(unit: Unit, changed: Sequence[rows.Row]) -> None:
    """Turn what changed in the unit into feed events and number them."""
    await _tell_changes(unit, changed)
    if unit.told:
        agents, types, data = zip(*((each.agent_id, each.type, each.data) for each in unit.told), strict=True)
        await unit.connection.execute(_KEEP, agents, types, data, unit.now)


async def _tell_changes(unit: Unit, changed: Sequence[rows.Row]) -> None:
    holders: dict[UUID, UUID] = {}
    for row in changed:
        if row["state"] in HELD_BY_AGENT:
            holders[row["id"]] = row["agent_id"]
            unit.tell(row["agent_id"], "interaction.changed", rows.inbox_row(row))
        elif row["state"] == State.OFFERED:
            unit.tell(row["offered_to"], "offer.changed", rows.offer(row))
    for message_id in unit.new_messages if holders else ():
        message = rows.message(await messages.find(unit.connection, message_id))
        if message.interaction_id in holders:
            unit.tell(holders[message.interaction_id], "message.added", message)
    for agent_id in unit.touched_agents:
        unit.tell(agent_id, "presence.changed", await agent_rows.read_agent(unit.connection, agent_id))
