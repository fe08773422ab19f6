"""Statements on households."""

from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import ReadConnection, WriteConnection
from customer_profile.households.schemas import HouseholdInput

_INSERT = "INSERT INTO households (id, name, created_at) VALUES ($1, $2, $3)"

# Members that are no customers are left out here and refused by the caller, who compares the numbers.
_INSERT_MEMBERS = """
INSERT INTO household_members (household_id, customer_id, relation)
SELECT $1, c.id, given.relation FROM unnest($2::uuid[], $3::text[]) AS given(customer_id, relation)
JOIN customers c ON c.id = given.customer_id RETURNING customer_id
"""

_ONE = "SELECT id, name, created_at FROM households WHERE id = $1"

_MEMBERS = """
SELECT m.customer_id, c.name, m.relation FROM household_members m JOIN customers c ON c.id = m.customer_id
WHERE m.household_id = $1 ORDER BY m.customer_id
"""


async def insert(connection: WriteConnection, household_id: UUID, body: HouseholdInput, now: datetime) -> set[UUID]:
    """Add a household; the customers that became its members."""
    await connection.execute(_INSERT, household_id, body.name, now)
    rows = await connection.fetch(
        _INSERT_MEMBERS,
        household_id,
        [member.customer_id for member in body.members],
        [member.relation for member in body.members],
    )
    return {row["customer_id"] for row in rows}


async def find(connection: ReadConnection | WriteConnection, household_id: UUID) -> dict[str, Any] | None:
    """The household with its members."""
    row = await connection.fetchrow(_ONE, household_id)
    if row is None:
        return None
    return dict(row) | {"members": [dict(member) for member in await connection.fetch(_MEMBERS, household_id)]}
