"""Statements that make items out of events, and take them back when their reason is gone."""

from datetime import datetime, time
from uuid import UUID

from care_scheduler.items.cancelled import Cancelled
from care_scheduler.occasions.model import Key
from care_scheduler.plans.statements import TOO_LATE
from careline.database import WriteConnection
from careline.statements import fetch

# An occasion that is switched off makes nothing. What comes too late is recorded and never sent.
_ADD = """
INSERT INTO care_items
    (customer_id, occasion, occasion_key, purpose, reference, due_at, not_after, state, gate, verdicts, created_at)
SELECT $1::uuid, key, $3::text, purpose, $4::text, $5::timestamptz, late.not_after,
    CASE WHEN late.is_so THEN 'expired' ELSE 'planned' END,
    CASE WHEN late.is_so THEN 'expiry' END,
    CASE WHEN late.is_so THEN {judgement} ELSE '[]' END,
    $7::timestamptz
FROM occasions, LATERAL (
    SELECT coalesce($6::timestamptz, $5::timestamptz + make_interval(hours => valid_hours)) AS not_after
) term, LATERAL (SELECT term.not_after, term.not_after <= $7::timestamptz AS is_so) late
WHERE key = $2 AND active
ON CONFLICT ON CONSTRAINT uq_care_items_once DO NOTHING
RETURNING id
""".format(judgement=TOO_LATE.format(now="$7::timestamptz", not_after="late.not_after"))
_RULES = """
SELECT o.send_time, o.lead_days, c.time_zone
FROM occasions o LEFT JOIN care_customers c ON c.customer_id = $2 WHERE o.key = $1
"""
_CANCEL = """
UPDATE care_items SET state = 'cancelled', outcome = 'cancelled', version = version + 1
WHERE reference = $1 AND occasion = $2 AND state IN ('planned', 'held')
RETURNING id, customer_id, occasion, reference, version
"""


async def add(
    connection: WriteConnection,
    customer_id: UUID,
    occasion: Key,
    occasion_key: str,
    reference: str,
    *,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> bool:
    """Plan one item; False if it is there already, or if the occasion is switched off.

    Without `not_after` the occasion's own `valid_hours` count from `due_at`.
    """
    arguments = (customer_id, occasion, occasion_key, reference, due_at, not_after, now)
    return bool(await fetch(connection, _ADD, *arguments))


async def send_rules(connection: WriteConnection, occasion: Key, customer_id: UUID) -> tuple[time, int, str | None]:
    """When an occasion is sent, how many days later, and the customer's zone if the mirror has it."""
    ((send_time, lead_days, zone),) = await fetch(connection, _RULES, occasion, customer_id)
    return send_time, lead_days, zone


async def cancel(connection: WriteConnection, occasion: Key, reference: str) -> list[Cancelled]:
    """Take back what nobody has acted on; what was taken back."""
    return [Cancelled(*row) for row in await fetch(connection, _CANCEL, reference, occasion)]
