"""Where promises are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from feedback.context import Look, Row, Work
from feedback.standards.promises import HOUSE, Promise

SELECT = """
SELECT id, kind, tier, calendar_key, acknowledge_seconds, resolve_seconds, word_seconds, handover_seconds,
    warn_before_seconds, escalate_after_seconds, lower(effective) AS effective_from,
    upper(effective) AS effective_until, set_by, set_at
FROM standards
"""
_PROMISED = (
    SELECT + "WHERE kind = $1 AND (tier = $2 OR tier IS NULL) AND effective @> $3::timestamptz ORDER BY tier LIMIT 1"
)
_INSERT = """
INSERT INTO standards (id, kind, tier, calendar_key, acknowledge_seconds, resolve_seconds, word_seconds,
    handover_seconds, warn_before_seconds, escalate_after_seconds, effective, set_by, set_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, tstzrange($11, $12), $13, $14)
"""
_END = """
UPDATE standards SET effective = tstzrange(lower(effective), $2) WHERE id = $1 AND lower(effective) < $2 RETURNING id
"""
_OVERLAPS = """
WHERE kind = $1 AND tier IS NOT DISTINCT FROM $2 AND effective && tstzrange($3, $4) ORDER BY effective LIMIT 1
"""


async def promised(work: Work, kind: str, tier: str | None, at: datetime) -> Promise:
    """What is promised about a topic to customers of a tier; the tier's own promise goes before the general one."""
    row = await work.row(_PROMISED, kind, tier, at)
    return HOUSE if row is None else promise(row, standard_id=row["id"])


def promise(row: Row, *, standard_id: UUID | None) -> Promise:
    """The promise in a row of a standard, or of a complaint that has taken it over."""
    return Promise(
        acknowledge_seconds=row["acknowledge_seconds"],
        resolve_seconds=row["resolve_seconds"],
        word_seconds=row["word_seconds"],
        handover_seconds=row["handover_seconds"],
        warn_before_seconds=row["warn_before_seconds"],
        escalate_after_seconds=row["escalate_after_seconds"],
        standard_id=standard_id,
        calendar_key=row["calendar_key"],
    )


async def insert(work: Work, standard_id: UUID, values: dict[str, Any]) -> None:
    """Keep a new promise; the database refuses it where another holds for the same topic at the same time."""
    await work.execute(_INSERT, standard_id, *values.values())


async def end(work: Work, standard_id: UUID, at: datetime) -> bool:
    """Let a promise end; False if there is none such, or it begins later."""
    return await work.row(_END, standard_id, at) is not None


async def overlapping(work: Work, kind: str, tier: str | None, start: datetime, end: datetime | None) -> Row | None:
    """A promise about the same topic that holds at some moment of the period."""
    return await work.row(SELECT + _OVERLAPS, kind, tier, start, end)


async def find(look: Look, standard_id: UUID) -> Row | None:
    """One promise."""
    return await look.row(SELECT + "WHERE id = $1", standard_id)
