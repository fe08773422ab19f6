"""The one statement of the screen pop."""

import json
from typing import Any
from uuid import UUID

from careline.database import ReadConnection

# Each part is a short walk along an index of the customer; one statement saves seven round trips.
_POP = """
SELECT c.id, c.name, c.salutation, c.language, c.tier, c.lifecycle, c.flags,
  (SELECT json_agg(json_build_object('id', i.id, 'type', i.type, 'value', i.value, 'shown', i.shown, 'state', i.state)
                   ORDER BY i.state DESC, i.added_at)
   FROM identifiers i WHERE i.customer_id = c.id AND i.type <> 'visitor') AS identifiers,
  (SELECT json_agg(p ORDER BY p.purchased_at DESC) FROM (
     SELECT id, purchased_at, items, total_minor, currency FROM purchases WHERE customer_id = c.id
     ORDER BY purchased_at DESC, id DESC LIMIT 3) p) AS last_purchases,
  (SELECT json_agg(o) FROM (
     SELECT name, bought_on, warranty_ends_on FROM products WHERE customer_id = c.id
     ORDER BY bought_on DESC, id DESC LIMIT 10) o) AS products,
  (SELECT json_agg(t ORDER BY t.occurred_at DESC) FROM (
     SELECT id, kind, occurred_at, title_key, facts, source, identity FROM timeline_entries
     WHERE customer_id = c.id AND kind NOT IN ('purchase', 'product', 'care')
     ORDER BY occurred_at DESC, id DESC LIMIT 5) t) AS contacts,
  (SELECT json_agg(json_build_object('customer_id', m.customer_id, 'name', n.name, 'relation', m.relation))
   FROM household_members own JOIN household_members m USING (household_id) JOIN customers n ON n.id = m.customer_id
   WHERE own.customer_id = c.id AND m.customer_id <> c.id) AS household,
  (SELECT count(*) FROM purchases WHERE customer_id = c.id) AS purchase_count,
  (SELECT count(*) FROM products WHERE customer_id = c.id) AS product_count,
  (SELECT json_object_agg(kind, number) FROM (
     SELECT kind, count(*) AS number FROM timeline_entries
     WHERE customer_id = c.id AND kind NOT IN ('purchase', 'product', 'care') GROUP BY kind) k) AS contact_counts,
  (SELECT json_agg(o ORDER BY o.opened_at) FROM (
     SELECT id AS complaint_id, facts ->> 'state' AS state, facts ->> 'kind' AS kind, occurred_at AS opened_at,
            (facts ->> 'resolve_by')::timestamptz AS resolve_by
     FROM timeline_entries
     WHERE customer_id = c.id AND kind = 'complaint' AND facts ->> 'state' <> 'closed') o) AS open_complaints,
  (SELECT json_build_object('care_id', e.id, 'occasion', e.facts ->> 'occasion', 'means', e.facts ->> 'means',
                            'due_at', e.occurred_at)
   FROM timeline_entries e
   WHERE e.customer_id = c.id AND e.kind = 'care' AND e.facts ->> 'state' = 'due'
   ORDER BY e.occurred_at DESC LIMIT 1) AS next_care
FROM customers c WHERE c.id = $1
"""

_JSON = ("flags", "identifiers", "last_purchases", "products", "contacts", "household", "open_complaints")


async def pop(connection: ReadConnection, customer_id: UUID) -> dict[str, Any] | None:
    """Everything that the screen pop may show of the customer."""
    row = await connection.fetchrow(_POP, customer_id)
    if row is None:
        return None
    found = dict(row)
    for name in _JSON:
        found[name] = json.loads(found[name]) if found[name] else []
    found["contact_counts"] = json.loads(found["contact_counts"]) if found["contact_counts"] else {}
    found["next_care"] = json.loads(found["next_care"]) if found["next_care"] else None
    return found
