"""Statements on purchases; recording one is a single statement, because it is the busiest write of the house."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import ReadConnection, WriteConnection

# Key, purchase, the customer's next version, the event with that version as its sequence, and the timeline entry:
# all or nothing, in one round trip. Each step waits for the rows of the step before, so a used key does nothing.
# A purchase that is there already, and a customer who is not, raise; the transaction then leaves nothing behind.
RECORD = """
WITH claimed AS (
    INSERT INTO idempotency_keys (caller, key, fingerprint, status, body) VALUES ($1, $2, $3, 201, $4)
    ON CONFLICT (caller, key) DO NOTHING RETURNING key
), bought AS (
    INSERT INTO purchases (id, customer_id, source, external_id, purchased_at, items, total_minor, currency,
                           recorded_at)
    SELECT $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13 FROM claimed RETURNING customer_id
), buyer AS (
    UPDATE customers SET version = version + 1, lifecycle = 'customer', updated_at = $13
    FROM bought WHERE customers.id = bought.customer_id RETURNING version
), told AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
    SELECT $14, 'customer', $15, $16, version,
           jsonb_set($17::jsonb, '{sequence}', to_jsonb(lpad(version::text, 20, '0'))), $13
    FROM buyer
), seen AS (
    INSERT INTO timeline_entries (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                                  identity, sequence)
    SELECT $5, $6, $6, 'purchase', $9, 'timeline.purchase.recorded', $18::jsonb, $7, 'verified', 0 FROM bought
)
SELECT count(*) FROM claimed
"""

_FIND = """
SELECT id, customer_id, source, external_id, purchased_at, items, total_minor, currency, recorded_at FROM purchases
WHERE external_id = $1 AND source = $2
"""

_PAGE = """
SELECT id, customer_id, source, external_id, purchased_at, items, total_minor, currency, recorded_at FROM purchases
WHERE customer_id = $1 AND ($2::timestamptz IS NULL OR (purchased_at, id) < ($2, $3::uuid))
ORDER BY purchased_at DESC, id DESC LIMIT $4
"""


async def record(connection: WriteConnection, *arguments: Any) -> bool:
    """Run RECORD; False if the key was used before."""
    return bool(await connection.fetchval(RECORD, *arguments))


async def find(
    connection: ReadConnection | WriteConnection, *, external_id: str, source: str
) -> Mapping[str, Any] | None:
    """The purchase that a shop calls `external_id`."""
    row = await connection.fetchrow(_FIND, external_id, source)
    return None if row is None else dict(row) | {"items": json.loads(row["items"])}


async def page(
    connection: ReadConnection, customer_id: UUID, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """Purchases older than `after`, newest first; one more than `limit` tells that there is a next page."""
    moment, id_ = after or (None, None)
    rows = await connection.fetch(_PAGE, customer_id, moment, id_, limit + 1)
    return [dict(row) | {"items": json.loads(row["items"])} for row in rows]
