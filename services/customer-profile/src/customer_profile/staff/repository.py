"""Statements on staff and on the accounts that they look after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import Transaction
from careline.statements import execute, fetch

_ENSURE = "INSERT INTO staff (id, state) VALUES ($1, 'active') ON CONFLICT (id) DO NOTHING"

# An event that comes late never brings anybody back.
_LEAVES = """
UPDATE staff SET state = 'leaving', successor_id = coalesce(successor_id, $2) WHERE id = $1 AND state <> 'left'
"""

_LEFT = """
INSERT INTO staff (id, state) VALUES ($1, 'left') ON CONFLICT (id) DO UPDATE SET state = 'left'
"""

# A successor may be leaving too: whoever comes first in the chain and stays, takes over. The row is locked, so that
# this person cannot begin to leave here before the accounts are theirs and move on with everything else.
_WHO_STAYS = """
WITH RECURSIVE chain(id, steps) AS (
    SELECT $1::uuid, 0
    UNION
    SELECT staff.successor_id, chain.steps + 1 FROM chain JOIN staff USING (id)
    WHERE staff.state <> 'active' AND staff.successor_id IS NOT NULL AND chain.steps < 1000
)
SELECT id FROM staff WHERE state = 'active' AND id IN (SELECT id FROM chain) FOR UPDATE
"""

_MOVE_ACCOUNTS = """
UPDATE customers SET owner_id = $2, version = version + 1, updated_at = $3 WHERE owner_id = $1 RETURNING id, version
"""

_TELL = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
SELECT id, aggregatetype, aggregateid, type, sequence, payload::jsonb, occurred_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[])
     WITH ORDINALITY AS given(id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, place)
ORDER BY place
"""


async def ensure(transaction: Transaction, person_id: UUID) -> None:
    """Know of somebody; whoever is known already stays what they are."""
    await execute(transaction, _ENSURE, person_id)


async def leaves(transaction: Transaction, person_id: UUID, successor_id: UUID) -> None:
    """From now on nothing is given to the person."""
    await execute(transaction, _LEAVES, person_id, successor_id)


async def left(transaction: Transaction, person_id: UUID) -> None:
    """The person is gone."""
    await execute(transaction, _LEFT, person_id)


async def who_stays(transaction: Transaction, successor_id: UUID) -> UUID | None:
    """The successor, or the successor's successor, and so on until somebody who stays."""
    rows = await fetch(transaction, _WHO_STAYS, successor_id)
    return rows[0][0] if rows else None


async def pass_on(transaction: Transaction, owner_id: UUID, heir: UUID, now: datetime) -> Sequence[tuple[UUID, int]]:
    """Give all accounts of the owner to the heir; the customers and their new versions."""
    return [(row[0], row[1]) for row in await fetch(transaction, _MOVE_ACCOUNTS, owner_id, heir, now)]


async def tell_all(transaction: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep events, as `Outbox.row` makes them, in one statement: somebody may look after thousands of customers."""
    if rows:
        await execute(transaction, _TELL, *(list(column) for column in zip(*rows, strict=True)))
