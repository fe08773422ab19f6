"""What a timer says when it fires. Pure: a row that was claimed goes in, an event comes out."""

from typing import Any, Final

from feedback.complaints.events import ComplaintEscalated, ComplaintOverdue, ComplaintWarned, OfComplaint
from feedback.context import Row
from feedback.standards.promises import Level

ACTIONS: Final = {
    Level.WARN: "warned",
    Level.OVERDUE: "overdue",
    Level.ESCALATE_TO_HEAD: "escalated",
    Level.ESCALATE_TO_SUPERVISORS: "escalated",
}


def event_of(row: Row) -> OfComplaint:
    """The event of a timer; `due_at` is when it should have been noticed, however late it is now."""
    common: dict[str, Any] = {
        "complaint_id": row["id"],
        "customer_id": row["customer_id"],
        "deadline": row["kind"],
        "owner_id": row["owner_id"],
        "due_at": row["due_at"],
    }
    match Level(row["level"]):
        case Level.WARN:
            return ComplaintWarned(**common)
        case Level.OVERDUE:
            return ComplaintOverdue(**common)
        case Level.ESCALATE_TO_HEAD:
            return ComplaintEscalated(**common, level=1, cause="overdue", to_person_id=row["head_id"])
        case Level.ESCALATE_TO_SUPERVISORS:
            return ComplaintEscalated(**common, level=2, cause="overdue", to_person_id=None)


def escalation_after(row: Row, before: int) -> int:
    """How far up the complaint is once this timer has fired; it never comes down by itself."""
    level: int = row["level"]
    return max(before, level - Level.OVERDUE)
