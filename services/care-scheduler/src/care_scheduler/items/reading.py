"""Statements that show care items."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from care_scheduler.items.schemas import CareItem, CareItemWithWhy, SuppressedBy, Today
from careline.database import ReadConnection

_FIELDS: Final = ", ".join(CareItem.model_fields)
_PAGE = f"""
SELECT {_FIELDS} FROM care_items
WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR occasion = $3) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5
"""  # noqa: S608 -- columns from above
_ONE = f"SELECT {_FIELDS}, verdicts FROM care_items WHERE id = $1"  # noqa: S608 -- columns from above
# Two halves, each with an index of its own.
_TODAY = """
SELECT state, gate, count(*) AS number FROM care_items
WHERE state IN ('planned', 'held') AND due_at >= $1 AND due_at < $2 GROUP BY state, gate
UNION ALL
SELECT state, gate, count(*) FROM care_items
WHERE state NOT IN ('planned', 'held') AND due_at >= $1 AND due_at < $2 GROUP BY state, gate
"""
_COUNTED: Final = frozenset(Today.model_fields) - {"day", "suppressed_by"}


async def page(
    connection: ReadConnection,
    *,
    customer_id: UUID | None,
    state: str | None,
    occasion: str | None,
    after: UUID | None,
    limit: int,
) -> Sequence[CareItem]:
    """Care items, the newest first; one more than `limit` tells that there is a next page."""
    rows = await connection.fetch(_PAGE, customer_id, state, occasion, after, limit + 1)
    return [CareItem(**dict(row)) for row in rows]


async def one(connection: ReadConnection, care_id: UUID) -> CareItemWithWhy | None:
    """A care item with every judgement."""
    row = await connection.fetchrow(_ONE, care_id)
    if row is None:
        return None
    found: dict[str, Any] = dict(row)
    judgements = json.loads(found.pop("verdicts"))
    return CareItemWithWhy(**found, judgements=judgements)


async def today(connection: ReadConnection, day: str, begins: datetime, ends: datetime) -> Today:
    """How much care of a day is in which state."""
    numbers = dict.fromkeys(_COUNTED, 0)
    by_gate: dict[str, int] = {}
    for state, gate, number in await connection.fetch(_TODAY, begins, ends):
        numbers[state] += number
        if state == "suppressed":
            by_gate[gate or ""] = by_gate.get(gate or "", 0) + number
    refused = [SuppressedBy(gate=gate, number=number) for gate, number in sorted(by_gate.items())]
    return Today(day=day, **numbers, suppressed_by=refused)
