"""Statements on the timeline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from careline.database import ReadConnection, Transaction
from careline.statements import execute

# A verified interaction belongs to whom it names; any other to the customer that its visitor proved to be, if it did.
_PUT = """
INSERT INTO timeline_entries AS entry (id, customer_id, stated_customer_id, visitor, kind, occurred_at, title_key,
                                       facts, source, identity, sequence)
SELECT $1, CASE WHEN $9 = 'verified' THEN $2::uuid ELSE coalesce(linked.customer_id, $2::uuid) END,
       $2::uuid, $3, $4, $5, $6, $7::jsonb, $8, $9, $10
FROM (VALUES (1)) AS one
LEFT JOIN identifiers linked ON linked.type = 'visitor' AND linked.value = $3 AND linked.namespace = ''
                            AND linked.state = 'verified'
ON CONFLICT (id) DO UPDATE
SET customer_id = excluded.customer_id, stated_customer_id = excluded.stated_customer_id, visitor = excluded.visitor,
    kind = excluded.kind, occurred_at = excluded.occurred_at, title_key = excluded.title_key, facts = excluded.facts,
    identity = excluded.identity, sequence = excluded.sequence
WHERE entry.sequence < excluded.sequence
"""

NAME_CUSTOMER: Final = """
UPDATE timeline_entries entry
SET customer_id = CASE WHEN $3 = 'verified' THEN $2 ELSE coalesce(
        (SELECT linked.customer_id FROM identifiers linked
         WHERE linked.type = 'visitor' AND linked.value = entry.visitor AND linked.namespace = ''
           AND linked.state = 'verified'), $2) END,
    stated_customer_id = $2, identity = $3, sequence = $4
WHERE id = $1 AND sequence < $4
"""

_PAGE = """
SELECT id, kind, occurred_at, title_key, facts, source, identity FROM timeline_entries
WHERE customer_id = $1 AND ($2::text IS NULL OR kind = $2)
  AND ($3::timestamptz IS NULL OR (occurred_at, id) < ($3, $4::uuid))
ORDER BY occurred_at DESC, id DESC LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the timeline."""

    id: UUID
    stated_customer_id: UUID | None
    visitor: str | None
    kind: str
    occurred_at: datetime
    title_key: str
    facts: Mapping[str, Any]
    source: str
    identity: str
    sequence: int


async def put(transaction: Transaction, entry: Entry) -> None:
    """Add the entry, or bring it up to date if it is older."""
    await execute(
        transaction,
        _PUT,
        entry.id,
        entry.stated_customer_id,
        entry.visitor,
        entry.kind,
        entry.occurred_at,
        entry.title_key,
        json.dumps(entry.facts, ensure_ascii=False),
        entry.source,
        entry.identity,
        entry.sequence,
    )


async def page(
    connection: ReadConnection, customer_id: UUID, *, kind: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Entries older than `after`, newest first; one more than `limit` tells that there is a next page."""
    moment, id_ = after or (None, None)
    rows = await connection.fetch(_PAGE, customer_id, kind, moment, id_, limit + 1)
    return [dict(row) | {"facts": json.loads(row["facts"])} for row in rows]
