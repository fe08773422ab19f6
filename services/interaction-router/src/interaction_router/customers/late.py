"""Interactions that went on without the profile's answer get it later."""

from collections.abc import Sequence
from uuid import UUID

import structlog

from careline.faults import is_transient
from interaction_router.customers.client import Customers, Identifier, Resolution
from interaction_router.events import CustomerLinked
from interaction_router.interactions import repository
from interaction_router.interactions.rows import Row
from interaction_router.unit import Unit, Units

BATCH = 20
LIMIT_SECONDS = 3.0
MAX_TRIES = 500

_log = structlog.get_logger("router.customers")

_LATE = """
SELECT i.id, i.customer_name, i.visitor_id, d.type, d.value, d.state
FROM interactions i
LEFT JOIN LATERAL (
    SELECT * FROM interaction_identifiers d WHERE d.interaction_id = i.id ORDER BY d.state DESC, d.type LIMIT 1
) d ON true
WHERE i.history = 'late' AND i.history_tries < $1 AND (d.type IS NOT NULL OR i.visitor_id IS NOT NULL)
ORDER BY i.history_tries, i.opened_at LIMIT $2
"""
_NAME = """
UPDATE interaction_identifiers SET identifier_id = coalesce($4, identifier_id)
WHERE interaction_id = $1 AND type = $2 AND value = $3
"""


async def resolve_late(units: Units, customers: Customers) -> None:
    """One round: stop at the first silence, the profile is still away then."""
    async with units.database.read_raw() as connection:
        rows = await connection.fetch(_LATE, MAX_TRIES, BATCH)
    for row in rows:
        found = await customers.resolve(
            _identifiers(row),
            display_name=row["customer_name"],
            visitor_id=row["visitor_id"],
            limit_seconds=LIMIT_SECONDS,
        )
        if found is None:
            await _count_try(units, row["id"])
            return
        try:
            async with units.begin() as unit:
                await link(unit, row["id"], found, _identifiers(row))
        except Exception as fault:
            if is_transient(fault):
                raise
            # A row that we fail on counts as tried, or it would be the first of every round.
            _log.exception("history.failed", interaction=str(row["id"]))
            await _count_try(units, row["id"])


async def link(unit: Unit, interaction_id: UUID, found: Resolution, asked: Sequence[Identifier]) -> None:
    """Write down whose interaction it is, by what the profile was asked about, and tell it."""
    before = await repository.lock(unit.connection, interaction_id)
    if before is None:
        return
    unit.changed.add(interaction_id)
    if found.customer_id is None:
        await unit.connection.execute("UPDATE interactions SET history = 'ready' WHERE id = $1", interaction_id)
        return
    for each in asked:
        await unit.connection.execute(_NAME, interaction_id, each.type, each.value, found.id_of(each.type))
    row = await repository.link_customer(
        unit.connection,
        interaction_id,
        unit.now,
        customer_id=found.customer_id,
        name=found.name or "",
        tier=found.tier,
        identity=found.identity,
    )
    await unit.emit(
        CustomerLinked(interaction_id=interaction_id, customer_id=found.customer_id, identity=row["identity"]),
        interaction_id,
        row["version"],
    )


def _identifiers(row: Row) -> list[Identifier]:
    return [Identifier(row["type"], row["value"], proven=row["state"] == "verified")] if row["type"] else []


async def _count_try(units: Units, interaction_id: UUID) -> None:
    async with units.database.write_raw() as connection:
        await connection.execute(
            "UPDATE interactions SET history_tries = history_tries + 1 WHERE id = $1", interaction_id
        )
