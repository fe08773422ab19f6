"""Where deliveries are kept.

A claim is a lease with a fencing token: whoever was too slow finds that the token has moved on, and changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from careline.database import Transaction, WriteConnection
from careline.ids import new_id
from careline.statements import execute
from interaction_router.interactions.rows import AnyConnection, Row

_INSERT = """
INSERT INTO deliveries (id, care_id, customer_id, occasion, purpose, means, reference, due_at, not_before, not_after,
    created_at)
SELECT new.id, care_id, customer_id, occasion, purpose, means, reference, $9, not_before, not_after, $9
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::timestamptz[], $10::timestamptz[])
    AS new(id, care_id, customer_id, occasion, purpose, means, reference, not_before, not_after)
ON CONFLICT (care_id) DO NOTHING
"""
# Notices first, then what has waited longest; rows that another process works on are passed by.
_CLAIM = """
WITH due AS (
    SELECT id FROM deliveries
    WHERE means = $1 AND state IN ('queued', 'unknown') AND due_at <= $2 AND not_before <= $3
    ORDER BY urgency, due_at LIMIT $5 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE deliveries d SET claim = d.claim + 1, due_at = $4 FROM due WHERE d.id = due.id
RETURNING d.*
"""
_POSTPONE = """
UPDATE deliveries d SET due_at = $3 FROM unnest($1::uuid[], $2::int[]) AS mine(id, claim)
WHERE d.id = mine.id AND d.claim = mine.claim AND d.state IN ('queued', 'unknown')
"""
# What will not be sent ends here; a notice that may have arrived and is not sent again stays unknown.
_END = """
UPDATE deliveries d SET version = d.version + 1, due_at = NULL,
    state = CASE d.state WHEN 'unknown' THEN 'unknown' ELSE mine.state END, reason = mine.reason,
    ended_at = coalesce(d.ended_at, $5)
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS mine(id, claim, state, reason)
WHERE d.id = mine.id AND d.claim = mine.claim AND d.state IN ('queued', 'unknown', 'listed')
RETURNING d.*
"""
_BEGIN = """
UPDATE deliveries d SET state = 'sending', due_at = $4, attempts = d.attempts + 1, message_id = mine.message_id,
    ended_at = NULL
FROM unnest($1::uuid[], $2::int[], $3::text[]) AS mine(id, claim, message_id)
WHERE d.id = mine.id AND d.claim = mine.claim AND d.state IN ('queued', 'unknown')
RETURNING d.id
"""
_SETTLE = """
UPDATE deliveries d SET version = d.version + 1, state = mine.state, due_at = mine.due_at, reason = mine.reason,
    lost = d.lost + (mine.state = 'unknown')::int, attempts = d.attempts - mine.not_begun::int,
    ended_at = CASE WHEN mine.state <> 'queued' THEN $7::timestamptz END
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[])
    AS mine(id, claim, state, due_at, reason, not_begun)
WHERE d.id = mine.id AND d.claim = mine.claim AND d.state = 'sending'
RETURNING d.*
"""
# Who finds a mail still `sending` after its time knows that its sender died, and not whether the mail left.
_LAPSE = """
WITH dead AS (
    SELECT id FROM deliveries WHERE means = 'mail' AND state = 'sending' AND due_at <= $1
    ORDER BY due_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE deliveries d SET version = d.version + 1, state = 'unknown', claim = d.claim + 1, lost = d.lost + 1,
    due_at = CASE WHEN d.purpose = 'service' AND d.lost = 0 THEN $2::timestamptz END, ended_at = $1
FROM dead WHERE d.id = dead.id
RETURNING d.*
"""


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """What care wants delivered. `not_before` and `not_after` are in business time."""

    care_id: UUID
    customer_id: UUID
    occasion: str
    purpose: str
    means: str
    reference: str | None
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """What will not be sent, and why."""

    id: UUID
    claim: int
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of a try to send a mail."""

    id: UUID
    claim: int
    state: str
    due_at: datetime | None = None
    reason: str | None = None
    not_begun: bool = False


async def insert(transaction: Transaction, new: Sequence[NewDelivery], now: datetime) -> None:
    """Keep what care wants delivered; what is known already stays as it is."""
    await execute(
        transaction,
        _INSERT,
        [new_id() for _ in new],
        [each.care_id for each in new],
        [each.customer_id for each in new],
        [each.occasion for each in new],
        [each.purpose for each in new],
        [each.means for each in new],
        [each.reference for each in new],
        [each.not_before for each in new],
        now,
        [each.not_after for each in new],
    )


async def claim(
    connection: WriteConnection, means: str, now: datetime, business_now: datetime, until: datetime, limit: int
) -> list[Row]:
    """Take what is due and may be worked on."""
    return list(await connection.fetch(_CLAIM, means, now, business_now, until, limit))


async def postpone(connection: WriteConnection, claimed: Sequence[tuple[UUID, int]], due_at: datetime) -> None:
    """Give claimed rows back until later."""
    await connection.execute(_POSTPONE, [each[0] for each in claimed], [each[1] for each in claimed], due_at)


async def end(connection: WriteConnection, endings: Sequence[Ending], now: datetime) -> list[Row]:
    """End what will not be sent; only what was still ours is returned."""
    return list(
        await connection.fetch(
            _END,
            [each.id for each in endings],
            [each.claim for each in endings],
            [each.state for each in endings],
            [each.reason for each in endings],
            now,
        )
    )


async def begin(connection: WriteConnection, mails: Sequence[tuple[UUID, int, str]], until: datetime) -> set[UUID]:
    """Write down that these are handed to the mail server from now on; those that are still ours are returned."""
    rows = await connection.fetch(
        _BEGIN, [each[0] for each in mails], [each[1] for each in mails], [each[2] for each in mails], until
    )
    return {row["id"] for row in rows}


async def settle(connection: WriteConnection, settlements: Sequence[Settlement], now: datetime) -> list[Row]:
    """Write down what came of tries; what somebody else has taken over meanwhile is left alone."""
    return list(
        await connection.fetch(
            _SETTLE,
            [each.id for each in settlements],
            [each.claim for each in settlements],
            [each.state for each in settlements],
            [each.due_at for each in settlements],
            [each.reason for each in settlements],
            [each.not_begun for each in settlements],
            now,
        )
    )


async def lapse(connection: WriteConnection, now: datetime, resend_at: datetime, limit: int) -> list[Row]:
    """Find mails whose sender died while sending."""
    return list(await connection.fetch(_LAPSE, now, resend_at, limit))


async def find_by_message_id(connection: AnyConnection, message_ids: Sequence[str]) -> UUID | None:
    """The delivery of the first of these Message-IDs that is one of care's."""
    found: UUID | None = await connection.fetchval(
        "SELECT id FROM deliveries WHERE message_id = ANY($1) ORDER BY array_position($1, message_id) LIMIT 1",
        list(message_ids),
    )
    return found


async def lock(connection: WriteConnection, delivery_id: UUID) -> Row | None:
    """Lock one delivery. Interactions are locked before deliveries, always."""
    row: Row | None = await connection.fetchrow("SELECT * FROM deliveries WHERE id = $1 FOR NO KEY UPDATE", delivery_id)
    return row


async def next_version(connection: WriteConnection, delivery_id: UUID) -> int:
    """Count a change that is told on Kafka."""
    version: int = await connection.fetchval(
        "UPDATE deliveries SET version = version + 1 WHERE id = $1 RETURNING version", delivery_id
    )
    return version
