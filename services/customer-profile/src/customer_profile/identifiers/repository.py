"""Statements on identifiers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from careline.database import Transaction
from careline.ids import new_id
from careline.statements import fetch
from customer_profile.events import IdentifierState
from customer_profile.identifiers.normal import Normal

Source = Literal["contact", "staff", "partner", "import"]

# Rows are inserted in the order of their keys, so that two who insert the same ones never wait for each other.
_INSERT = """
INSERT INTO identifiers (id, customer_id, type, namespace, value, typed, shown, mobile, state, source, method,
                         added_at, verified_at)
SELECT id, customer_id, type, namespace, value, typed, shown, mobile, state, $10, method, $11,
       CASE WHEN state = 'verified' THEN $11::timestamptz END
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[],
            $9::text[], $12::text[])
     AS given(id, customer_id, type, namespace, value, typed, shown, mobile, state, method)
ORDER BY value, type, namespace
ON CONFLICT (value, type, namespace) DO NOTHING
RETURNING id
"""

_FIND = """
SELECT i.value, i.type, i.namespace, i.id, i.customer_id, i.state, i.source, i.mobile,
       EXISTS (SELECT FROM identifiers v
               WHERE v.customer_id = i.customer_id AND v.state = 'verified' AND v.type <> 'visitor')
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(value, type, namespace)
JOIN identifiers i USING (value, type, namespace)
"""

_VERIFY = """
UPDATE identifiers SET state = 'verified', method = $3, verified_at = $4
WHERE id = $1 AND customer_id = $2 AND state = 'claimed' RETURNING type
"""

_CLAIMED_OF_TYPE = "SELECT id FROM identifiers WHERE customer_id = $1 AND type = $2 AND state = 'claimed' LIMIT 2"

_OF_CUSTOMER = """
SELECT id, type, namespace, value, typed, shown AS value_shown, state, source, added_at, verified_at
FROM identifiers WHERE customer_id = $1 ORDER BY added_at, id
"""


@dataclass(frozen=True, slots=True)
class New:
    """An identifier about to be added."""

    id: UUID
    normal: Normal
    state: IdentifierState
    method: str | None = None

    @classmethod
    def of(cls, normal: Normal, *, verified_by: str | None = None) -> "New":
        """With a new id; verified if it is known how."""
        return cls(new_id(), normal, "verified" if verified_by else "claimed", verified_by)


@dataclass(frozen=True, slots=True)
class Known:
    """An identifier that somebody has already."""

    id: UUID
    customer_id: UUID
    state: IdentifierState
    source: Source
    mobile: bool
    customer_has_verified: bool


async def insert(
    transaction: Transaction, customer_id: UUID, items: Sequence[New], *, source: Source, now: datetime
) -> set[UUID]:
    """Add to one customer what nobody has yet; the ids of those that were added."""
    return await insert_many(transaction, [customer_id] * len(items), items, source=source, now=now)


async def insert_many(
    transaction: Transaction, owners: Sequence[UUID], items: Sequence[New], *, source: Source, now: datetime
) -> set[UUID]:
    """Add to each owner its item unless somebody has it; the ids of those that were added."""
    normals = [item.normal for item in items]
    rows = await fetch(
        transaction,
        _INSERT,
        [item.id for item in items],
        list(owners),
        [normal.type for normal in normals],
        [normal.namespace for normal in normals],
        [normal.value for normal in normals],
        [normal.typed for normal in normals],
        [normal.shown for normal in normals],
        [normal.mobile for normal in normals],
        [item.state for item in items],
        source,
        now,
        [item.method for item in items],
    )
    return {row[0] for row in rows}


async def find(transaction: Transaction, normals: Sequence[Normal]) -> dict[tuple[str, str, str], Known]:
    """Who has which of these identifiers."""
    keys = [normal.key for normal in normals]
    rows = await fetch(transaction, _FIND, *(list(part) for part in zip(*keys, strict=True))) if keys else []
    return {(row[0], row[1], row[2]): Known(*row[3:9]) for row in rows}


async def verify(
    transaction: Transaction, customer_id: UUID, identifier_id: UUID, *, method: str, now: datetime
) -> str | None:
    """Mark a claimed identifier of the customer as verified; its type, or None if there was nothing to mark."""
    rows = await fetch(transaction, _VERIFY, identifier_id, customer_id, method, now)
    return str(rows[0][0]) if rows else None


async def only_claimed(transaction: Transaction, customer_id: UUID, kind: str) -> UUID | None:
    """The customer's one claimed identifier of a type; None if there is none or more than one."""
    rows = await fetch(transaction, _CLAIMED_OF_TYPE, customer_id, kind)
    return rows[0][0] if len(rows) == 1 else None


async def of_customer(transaction: Any, customer_id: UUID) -> list[dict[str, Any]]:
    """All identifiers of a customer, oldest first."""
    return [dict(row) for row in await transaction.fetch(_OF_CUSTOMER, customer_id)]
