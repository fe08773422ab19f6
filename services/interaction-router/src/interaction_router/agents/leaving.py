"""Somebody leaves the company: from then on she gets nothing new, and what she holds goes on without her.

Her work goes back to its queue with its age, where it prefers her successor if that is an agent; a queue is never
without somebody who looks after it, a person who has not yet looked at her desk may be. In one transaction with the
acknowledgement, so that it is never said of work that was not moved.
"""

from dataclasses import dataclass, field
from uuid import UUID

from careline.database import WriteConnection
from careline.events import Event
from careline.ids import decode, encode
from careline.statements import execute
from interaction_router.agents import departure
from interaction_router.deliveries.events import LeavingAcknowledged
from interaction_router.one_by_one import OneByOne
from interaction_router.unit import Unit, Units

_NOTE = """
INSERT INTO departures (leaving_id, person_id, successor_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_REFUSE_WORK = "UPDATE agents SET active = false WHERE id = $1"
_OPEN = "SELECT leaving_id FROM departures WHERE acknowledged_at IS NULL ORDER BY leaving_id LIMIT $1"
_TAKE = """
SELECT * FROM departures WHERE leaving_id = $1 AND acknowledged_at IS NULL FOR NO KEY UPDATE SKIP LOCKED
"""
# A successor who has left meanwhile has a successor too.
_HEIR = """
WITH RECURSIVE chain(person, step) AS (
    SELECT $1::uuid, 0
    UNION ALL
    SELECT d.successor_id, chain.step + 1 FROM chain JOIN departures d ON d.person_id = chain.person
    WHERE chain.step < 50
)
SELECT a.id FROM chain JOIN agents a ON a.id = chain.person
WHERE a.active ORDER BY chain.step DESC LIMIT 1
"""
_HELD = """
SELECT count(*) FILTER (WHERE channel <> 'phone_task') AS interactions,
    count(*) FILTER (WHERE channel = 'phone_task') AS tasks
FROM interactions WHERE agent_id = $1 AND state IN ('active', 'held', 'wrap_up')
"""
_OFFERED = "SELECT count(*) FROM offers WHERE agent_id = $1 AND state = 'open'"
_PREFER = """
WITH free AS (
    SELECT id FROM interactions WHERE last_agent_id = $1 AND state IN ('queued', 'offered')
    ORDER BY id FOR NO KEY UPDATE
)
UPDATE interactions i SET last_agent_id = $2 FROM free WHERE i.id = free.id
"""
_ACKNOWLEDGE = "UPDATE departures SET acknowledged_at = $2 WHERE leaving_id = $1"


async def note(connection: WriteConnection, event: Event) -> None:
    """She gets nothing new from now on; moving what she has needs locks in the router's order, so a job does it."""
    person_id = decode("per", event.data["person_id"])
    leaving_id, successor_id = decode("lve", event.data["leaving_id"]), decode("per", event.data["successor_id"])
    await execute(connection, _NOTE, leaving_id, person_id, successor_id)
    await execute(connection, _REFUSE_WORK, person_id)


async def _move(unit: Unit, leaving_id: UUID) -> None:
    leaving = await unit.connection.fetchrow(_TAKE, leaving_id)
    if leaving is None:
        return
    person_id = leaving["person_id"]
    held = await unit.connection.fetchrow(_HELD, person_id)
    offered = await unit.connection.fetchval(_OFFERED, person_id)
    if await unit.connection.fetchval("SELECT EXISTS (SELECT FROM agents WHERE id = $1)", person_id):
        await departure.deactivated(unit, person_id)
    heir = await unit.connection.fetchval(_HEIR, leaving["successor_id"])
    if heir is not None:
        await unit.connection.execute(_PREFER, person_id, heir)
    moved = {**dict(held or {}), "offers": offered}
    await unit.connection.execute(_ACKNOWLEDGE, leaving_id, unit.now)
    payload = LeavingAcknowledged(leaving_id=leaving_id, person_id=person_id, service="router", moved=moved)
    unit.say(payload, encode("lve", leaving_id), 1)


@dataclass
class Leavings:
    """Moves what those hold who leave, and says so."""

    units: Units
    _moves: OneByOne = field(default_factory=lambda: OneByOne("leavings", _move))

    async def move_what_is_left(self) -> None:
        """One round."""
        async with self.units.database.read_raw() as connection:
            waiting = [row["leaving_id"] for row in await connection.fetch(_OPEN, self._moves.limit)]
        await self._moves.run(self.units, waiting)
