"""Where complaints are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from feedback.complaints.access import VISIBLE, Viewer
from feedback.context import Look, Row, Work

_INSERT: Final = "INSERT INTO complaints ({columns}) VALUES ({places}) RETURNING *"
_LOCK: Final = "SELECT * FROM complaints WHERE id = $1 FOR UPDATE"
_ARM: Final = """
INSERT INTO complaint_timers AS old (complaint_id, kind, level, due_at)
SELECT $1, $2, level, due_at FROM unnest($3::smallint[], $4::timestamptz[]) AS alarm (level, due_at)
ON CONFLICT (complaint_id, kind, level) DO UPDATE SET due_at = excluded.due_at, fired_at = NULL, cancelled_at = NULL
"""
_DISARM: Final = """
UPDATE complaint_timers SET cancelled_at = $3
WHERE complaint_id = $1 AND kind = ANY($2) AND fired_at IS NULL AND cancelled_at IS NULL
"""
_ASK_WHO: Final = "INSERT INTO complaint_contacts (complaint_id, next_try_at) VALUES ($1, $2)"
_TIMERS: Final = """
SELECT kind, level, due_at, fired_at, cancelled_at FROM complaint_timers WHERE complaint_id = $1 ORDER BY kind, level
"""
_HISTORY: Final = """
SELECT h.*, t.text, t.salt FROM complaint_history h LEFT JOIN complaint_texts t USING (complaint_id, sequence)
WHERE h.complaint_id = $1 ORDER BY h.sequence
"""
# A closed complaint stands behind every open one.
_ORDER: Final = "coalesce(c.next_deadline_at, '9999-01-01Z'::timestamptz)"
_LIST: Final = f"""
SELECT c.*, {_ORDER} AS ordered_at, o.to_department_id AS offered_to
FROM complaints c LEFT JOIN handover_offers o ON o.complaint_id = c.id AND o.state = 'open'
WHERE {VISIBLE}
    AND ($5::text IS NULL OR c.state = $5) AND ($5 IS NOT NULL OR $6 OR c.state <> 'closed')
    AND ($7::uuid IS NULL OR c.customer_id = $7) AND ($8::uuid IS NULL OR c.interaction_id = $8)
    AND CASE $9
        WHEN 'mine' THEN c.owner_id = $2
        WHEN 'department' THEN c.department_id = $3
        WHEN 'offered' THEN o.to_person_id = $2 OR (o.to_person_id IS NULL AND o.to_department_id = $3)
        WHEN 'given' THEN EXISTS (SELECT FROM handover_offers g WHERE g.complaint_id = c.id
            AND g.from_person_id = $2 AND g.state IN ('open', 'accepted'))
        WHEN 'overdue' THEN c.next_deadline_at < $10
        WHEN 'escalated' THEN c.escalation_level > 0
        ELSE true END
    AND ($11::timestamptz IS NULL OR ({_ORDER}, c.id) > ($11, $12::uuid))
ORDER BY ordered_at, c.id LIMIT $13
"""  # noqa: S608 -- constants of ours


async def insert(work: Work, values: dict[str, Any]) -> Row:
    """Keep a new complaint."""
    places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
    row = await work.row(_INSERT.format(columns=", ".join(values), places=places), *values.values())
    assert row is not None  # noqa: S101 -- RETURNING answers
    return row


async def ask_who(work: Work, complaint_id: UUID) -> None:
    """Let the profile be asked whose complaint it is, as soon as it is recorded."""
    await work.execute(_ASK_WHO, complaint_id, work.real_now)


async def lock(work: Work, complaint_id: UUID) -> Row | None:
    """Lock one complaint; it is the lock of its timers, offers and history too."""
    return await work.row(_LOCK, complaint_id)


async def arm(work: Work, complaint_id: UUID, kind: str, levels: Sequence[int], due: Sequence[datetime]) -> None:
    """Set the timers of one deadline, anew if they were set before."""
    await work.execute(_ARM, complaint_id, kind, list(levels), list(due))


async def disarm(work: Work, complaint_id: UUID, kinds: Sequence[str]) -> None:
    """Whatever these timers wait for has happened."""
    await work.execute(_DISARM, complaint_id, list(kinds), work.now)


async def timers(look: Look, complaint_id: UUID) -> Sequence[Row]:
    """All timers of a complaint."""
    return await look.rows(_TIMERS, complaint_id)


async def history(look: Look, complaint_id: UUID) -> Sequence[Row]:
    """All entries of a complaint, the oldest first."""
    return await look.rows(_HISTORY, complaint_id)


async def listed(
    look: Look,
    viewer: Viewer,
    *,
    view: str,
    state: str | None,
    with_closed: bool,
    customer_id: UUID | None,
    interaction_id: UUID | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row]:
    """Complaints that the viewer may see, the next due first."""
    return await look.rows(
        _LIST,
        *viewer.arguments,
        state,
        with_closed,
        customer_id,
        interaction_id,
        view,
        look.now,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
