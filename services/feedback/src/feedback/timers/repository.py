"""Timers are rows: due, fired or cancelled; what is due stays due however long nobody looked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from feedback.context import Row, Work

# Of each deadline only the lowest timer that has not fired may be taken: nothing escalates before it was overdue, even
# when three weeks passed in between. The complaint is locked with its timer; whoever is busy with it is passed over
# and looked at in the next round.
_CLAIM: Final = """
SELECT t.kind, t.level, t.due_at, c.id, c.version, c.customer_id, c.owner_id, c.department_id, c.escalation_level,
    o.to_department_id, d.head_id
FROM complaint_timers t JOIN complaints c ON c.id = t.complaint_id
LEFT JOIN handover_offers o ON o.complaint_id = c.id AND o.state = 'open' AND t.kind = 'handover'
LEFT JOIN departments d ON d.id = coalesce(o.to_department_id, c.department_id)
WHERE t.due_at <= $1 AND t.fired_at IS NULL AND t.cancelled_at IS NULL
    AND NOT EXISTS (
        SELECT FROM complaint_timers lower WHERE lower.complaint_id = t.complaint_id AND lower.kind = t.kind
            AND lower.level < t.level AND lower.fired_at IS NULL AND lower.cancelled_at IS NULL)
ORDER BY t.due_at LIMIT $2 FOR UPDATE OF c, t SKIP LOCKED
"""
_FIRED: Final = """
UPDATE complaint_timers t SET fired_at = $4
FROM unnest($1::uuid[], $2::text[], $3::smallint[]) AS f (complaint_id, kind, level)
WHERE t.complaint_id = f.complaint_id AND t.kind = f.kind AND t.level = f.level
"""
_MOVED: Final = """
UPDATE complaints c SET version = m.version, escalation_level = m.level
FROM unnest($1::uuid[], $2::bigint[], $3::smallint[]) AS m (id, version, level) WHERE c.id = m.id
"""
# In the order given: positions say in which order the events of one complaint leave.
_TELL: Final = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
SELECT id, aggregatetype, aggregateid, type, sequence, payload::jsonb, occurred_at FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[])
    WITH ORDINALITY AS e (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, place)
ORDER BY place
"""


async def claim(work: Work, limit: int) -> Sequence[Row]:
    """Lock timers that are due, with their complaints."""
    return await work.rows(_CLAIM, work.now, limit)


async def mark(work: Work, fired: Sequence[tuple[UUID, str, int]], moved: dict[UUID, tuple[int, int]]) -> None:
    """Write down which timers have fired, and the complaints' new versions and levels."""
    complaints, kinds, levels = map(list, zip(*fired, strict=True))
    await work.execute(_FIRED, complaints, kinds, levels, work.now)
    versions, escalations = map(list, zip(*moved.values(), strict=True))
    await work.execute(_MOVED, list(moved), versions, escalations)


async def tell(work: Work, events: Sequence[tuple[UUID, str, str, str, int, str, datetime]]) -> None:
    """Keep many events in one statement."""
    await work.execute(_TELL, *map(list, zip(*events, strict=True)))
