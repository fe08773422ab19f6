"""Statements on what is ready to be sent."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from careline.database import ReadConnection, WriteConnection

_GIVEN = """
SELECT i.id, i.customer_id, i.occasion, i.occasion_key, i.purpose, i.reference, i.due_at, i.not_after,
       i.means, i.cell, i.state, c.language, c.subject, c.text, c.script
FROM care_items i LEFT JOIN care_contents c ON c.care_id = i.id
WHERE i.id = ANY($1::uuid[]) AND i.means IS NOT NULL AND i.cell IS NOT NULL
"""
_CONTACTS = """
SELECT c.customer_id, c.care_id, c.at, i.state = 'due' AS pending FROM contacts c JOIN care_items i ON i.id = c.care_id
WHERE c.customer_id = ANY($1::uuid[]) AND (c.at > $2 OR i.state = 'due')
"""
# What nobody reported an outcome of is not kept for ever either.
_PURGE_OLD = """
DELETE FROM care_contents USING care_items i
WHERE i.id = care_contents.care_id AND i.not_after < $1
"""


class Contact(NamedTuple):
    """A contact under the cap; a pending one has been decided and has no outcome yet."""

    care_id: UUID
    at: datetime
    pending: bool


async def given(connection: ReadConnection, care_ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The care among these that was ever given out, with its content if it has no outcome yet."""
    return {row["id"]: row for row in await connection.fetch(_GIVEN, care_ids)}


async def contacts(
    connection: ReadConnection, customer_ids: Sequence[UUID], after: datetime
) -> dict[UUID, list[Contact]]:
    """The contacts of each customer after a moment, and all that have been decided but have no outcome yet."""
    found: dict[UUID, list[Contact]] = {}
    for customer_id, *rest in await connection.fetch(_CONTACTS, customer_ids, after):
        found.setdefault(customer_id, []).append(Contact(*rest))
    return found


async def purge_old(connection: WriteConnection, before: datetime) -> None:
    """Forget the texts of care whose time ended before a moment."""
    await connection.execute(_PURGE_OLD, before)
