"""The two statements of care facts."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from careline.database import ReadConnection

# A telephone is looked for among mobile numbers first: a switchboard may be verified and still be nobody's.
_SELECT = """
SELECT c.id AS customer_id, c.version, c.name, c.salutation, c.language, c.tier, c.lifecycle, c.birthday, c.created_at,
       c.time_zone, c.quiet_from, c.quiet_to, c.preferred_channel, c.postal_address, c.owner_id,
  (SELECT json_build_object('value', i.shown, 'state', i.state) FROM identifiers i
   WHERE i.customer_id = c.id AND i.type = 'email'
   ORDER BY i.state DESC, i.added_at, i.id LIMIT 1) AS mail,
  (SELECT json_build_object('value', i.value, 'state', i.state) FROM identifiers i
   WHERE i.customer_id = c.id AND i.type = 'phone'
   ORDER BY i.state DESC, i.mobile DESC, i.added_at, i.id LIMIT 1) AS phone,
  (SELECT json_agg(json_build_array(said.purpose, said.channel, said.state)) FROM (
     SELECT DISTINCT ON (purpose, channel) purpose, channel, state FROM consents WHERE customer_id = c.id
     ORDER BY purpose, channel, number DESC) said) AS consents,
  (SELECT json_agg(json_build_object('product_id', p.id, 'name', p.name, 'ends_on', p.warranty_ends_on)
                   ORDER BY p.warranty_ends_on, p.id)
   FROM products p WHERE p.customer_id = c.id AND p.warranty_ends_on IS NOT NULL) AS warranties
FROM customers c
"""
_OF = _SELECT + "WHERE c.id = ANY($1::uuid[]) ORDER BY c.id"
_AFTER = _SELECT + "WHERE $1::uuid IS NULL OR c.id > $1 ORDER BY c.id LIMIT $2"

_PURCHASES = """
SELECT customer_id, array_agg(purchased_at ORDER BY purchased_at, id) AS purchased_at,
       (array_agg(id ORDER BY purchased_at DESC, id DESC))[1] AS last_purchase_id
FROM purchases WHERE customer_id = ANY($1::uuid[]) GROUP BY customer_id
"""

_JSON = ("birthday", "postal_address", "mail", "phone", "consents", "warranties")


class Bought(NamedTuple):
    """When a customer bought, in order of time, and which purchase was the last."""

    purchased_at: Sequence[datetime]
    last_purchase_id: UUID


async def of_customers(connection: ReadConnection, customer_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What is recorded of these customers, by id."""
    return _read(await connection.fetch(_OF, customer_ids))


async def after(connection: ReadConnection, customer_id: UUID | None, limit: int) -> list[dict[str, Any]]:
    """What is recorded of the next `limit` customers by id."""
    return _read(await connection.fetch(_AFTER, customer_id, limit))


async def purchases(connection: ReadConnection, customer_ids: Sequence[UUID]) -> dict[UUID, Bought]:
    """The purchases of those customers who have any."""
    return {row[0]: Bought(row[1], row[2]) for row in await connection.fetch(_PURCHASES, customer_ids)}


def _read(rows: Sequence[Any]) -> list[dict[str, Any]]:
    read = []
    for row in rows:
        found = dict(row)
        for name in _JSON:
            found[name] = json.loads(found[name]) if found[name] else None
        read.append(found)
    return read
