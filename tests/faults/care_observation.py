"""What became of care, of questions and of complaints, over three databases."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from careline.ids import encode
from feedback.complaints.reading import chain_holds
from tests.faults.databases import Databases
from tests.faults.observed import Care, Case, Delivery, Sampled, Timer

_SAMPLES = """
SELECT s.subject, s.decision, array_remove(array_agg(i.id), NULL) AS invitations
FROM samples s LEFT JOIN invitations i ON i.sample_id = s.id WHERE s.interaction_id = ANY($1::uuid[])
GROUP BY s.id
"""
_CARE = """
SELECT id, customer_id, occasion, reference, purpose, state, gate FROM care_items
WHERE reference = ANY($1::text[]) OR (occasion = 'birthday' AND customer_id = ANY($2::uuid[]))
"""
_DELIVERIES = "SELECT care_id, state, lost, due_at IS NULL AS ended FROM deliveries WHERE care_id = ANY($1::uuid[])"
_CASES = """
SELECT c.id, c.version, c.owner_id, c.state, c.next_deadline_at IS NOT NULL AS has_deadline, p.state AS owner_state
FROM complaints c LEFT JOIN people p ON p.id = c.owner_id WHERE c.id = ANY($1::uuid[])
"""
_HISTORY = """
SELECT h.*, t.text, t.salt FROM complaint_history h LEFT JOIN complaint_texts t USING (complaint_id, sequence)
WHERE h.complaint_id = ANY($1::uuid[]) ORDER BY h.complaint_id, h.sequence
"""
_NOTICES = """
SELECT complaint_id, facts::jsonb->>'care_id' AS care_id, count(*) AS number FROM complaint_history
WHERE complaint_id = ANY($1::uuid[]) AND action IN ('notice_sent', 'notice_failed', 'notice_not_sent') GROUP BY 1, 2
"""
# The timers' own levels 2 and 3 are escalations of level 1 and 2.
_TIMERS = """
SELECT t.complaint_id, t.kind, t.level, t.fired_at IS NOT NULL AS fired, t.cancelled_at IS NOT NULL AS cancelled,
    (SELECT count(*) FROM complaint_history h
     WHERE h.complaint_id = t.complaint_id AND h.actor = 'timer' AND h.facts::jsonb->>'deadline' = t.kind
       AND h.action = (ARRAY['warned', 'overdue', 'escalated', 'escalated'])[t.level + 1]
       AND coalesce((h.facts::jsonb->>'level')::integer, 0) = greatest(t.level - 1, 0)) AS told
FROM complaint_timers t WHERE t.complaint_id = ANY($1::uuid[])
"""


async def observe_samples(databases: Databases, closed: Sequence[UUID]) -> tuple[list[Sampled], list[str]]:
    """What was decided about each closing, and the invitations that came of it."""
    rows = await databases.rows("feedback", _SAMPLES, closed)
    samples = [Sampled(row["subject"], row["decision"], len(row["invitations"])) for row in rows]
    return samples, [encode("inv", each) for row in rows for each in row["invitations"]]


async def observe_care(databases: Databases, references: Sequence[str], born: Sequence[UUID]) -> list[Care]:
    """All care about these complaints and invitations, and all birthdays of these customers."""
    rows = await databases.rows("care", _CARE, references, born)
    deliveries: dict[UUID, list[Delivery]] = defaultdict(list)
    for row in await databases.rows("router", _DELIVERIES, [row["id"] for row in rows]):
        deliveries[row["care_id"]].append(Delivery(row["state"], row["lost"], row["ended"]))
    return [
        Care(
            id=encode("car", row["id"]),
            occasion=row["occasion"],
            about=row["reference"] or encode("cus", row["customer_id"]),
            purpose=row["purpose"],
            state=row["state"],
            gate=row["gate"] or "",
            deliveries=tuple(deliveries[row["id"]]),
        )
        for row in rows
    ]


async def observe_cases(databases: Databases, complaint_ids: Sequence[UUID]) -> list[Case]:
    """These complaints with their owners, timers and histories."""
    histories = await _by_complaint(databases, _HISTORY, complaint_ids)
    timers = await _by_complaint(databases, _TIMERS, complaint_ids)
    notices = await _by_complaint(databases, _NOTICES, complaint_ids)
    return [
        Case(
            id=encode("cmp", row["id"]),
            owner=encode("per", row["owner_id"]) if row["owner_id"] else None,
            owner_works=row["owner_state"] == "active",
            has_deadline=row["has_deadline"] or row["state"] == "closed",
            whole=_whole(histories[row["id"]], row["version"]),
            notices={each["care_id"]: each["number"] for each in notices[row["id"]]},
            timers=tuple(
                Timer(each["kind"], each["level"], each["fired"], each["cancelled"], each["told"])
                for each in timers[row["id"]]
            ),
        )
        for row in await databases.rows("feedback", _CASES, complaint_ids)
    ]


async def _by_complaint(databases: Databases, query: str, complaint_ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in await databases.rows("feedback", query, complaint_ids):
        found[row["complaint_id"]].append(row)
    return found


def _whole(history: Sequence[Any], version: int) -> bool:
    """Whether every entry follows from the one before, from the first to that of the present version."""
    return bool(history) and history[-1]["sequence"] == version and chain_holds(history)
