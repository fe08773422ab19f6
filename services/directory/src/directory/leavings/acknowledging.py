"""The services say that nothing of the leaver's is left with them; with the last word the person has left."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import structlog

from careline.database import WriteConnection
from careline.ids import encode
from careline.outbox import Outbox
from careline.problems import NotFound
from directory.leavings.schemas import ACKNOWLEDGING
from directory.people.events import PersonDeactivated

# Held until the transaction ends: of two last words at the same moment one sees the other.
_LOCK = "SELECT person_id, left_at FROM leavings WHERE id = $1 FOR UPDATE"
# The first word of a service counts.
_KEEP = """
INSERT INTO leaving_acknowledgements (leaving_id, service, moved, acknowledged_at) VALUES ($1, $2, $3::jsonb, $4)
ON CONFLICT DO NOTHING
"""
_KEPT = "SELECT service FROM leaving_acknowledgements WHERE leaving_id = $1"
_END = "UPDATE leavings SET left_at = $2 WHERE id = $1"
_LEFT = "UPDATE people SET left_at = $2, version = version + 1 WHERE id = $1 RETURNING version"

_log = structlog.get_logger("directory.leavings")


async def acknowledge(
    connection: WriteConnection,
    outbox: Outbox,
    leaving_id: UUID,
    service: str,
    moved: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    """A service has passed everything on."""
    leaving = await connection.fetchrow(_LOCK, leaving_id)
    if leaving is None:
        raise NotFound("leaving", encode("lve", leaving_id))
    await connection.execute(_KEEP, leaving_id, service, json.dumps(moved), now)
    kept = {row["service"] for row in await connection.fetch(_KEPT, leaving_id)}
    if leaving["left_at"] is not None or kept != set(ACKNOWLEDGING):
        return
    person_id = leaving["person_id"]
    await connection.execute(_END, leaving_id, now)
    version = await connection.fetchval(_LEFT, person_id, now)
    name = encode("per", person_id)
    event = PersonDeactivated(person_id=person_id)
    await outbox.append(connection, event, aggregate_id=name, sequence=version, occurred_at=now)
    _log.info("person.deactivated", person=name)
