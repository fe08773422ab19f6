"""Complaints on the wall board: counts and dates, nothing that anybody wrote."""

from datetime import datetime
from typing import Annotated, Final

from careline.auth import Principal, requires
from feedback.complaints.reading import number
from feedback.complaints.states import State
from feedback.context import Look, Row
from feedback.ids import ComplaintId, DepartmentId
from feedback.inputs import Output

Watcher = Annotated[Principal, requires("board:read")]
OLDEST: Final = 10

# "Today" is the day of the calendar to which the complaint is pinned.
_COUNTS: Final = """
SELECT c.department_id, d.key, count(*) AS open, count(*) FILTER (WHERE c.next_deadline_at < $1) AS overdue,
    count(*) FILTER (WHERE c.next_deadline_at >= $1
        AND (c.next_deadline_at AT TIME ZONE k.time_zone)::date = ($1 AT TIME ZONE k.time_zone)::date) AS due_today,
    count(*) FILTER (WHERE c.state = 'answered') AS waiting_for_word,
    count(*) FILTER (WHERE c.escalation_level > 0) AS escalated
FROM complaints c JOIN departments d ON d.id = c.department_id
JOIN calendars k ON k.key = c.calendar_key AND k.version = c.calendar_version
WHERE c.state <> 'closed' GROUP BY c.department_id, d.key ORDER BY d.key
"""
_OLDEST: Final = """
SELECT id, number, state, department_id, received_at, next_deadline_at, escalation_level
FROM complaints WHERE state <> 'closed' ORDER BY next_deadline_at, id LIMIT $1
"""


class Counts(Output):
    """Open complaints by what they wait for."""

    open: int
    overdue: int
    due_today: int
    waiting_for_word: int
    escalated: int


class OfDepartment(Counts):
    """The counts of one department."""

    department_id: DepartmentId
    key: str


class Oldest(Output):
    """One of those whose deadline passed, or will pass, first."""

    id: ComplaintId
    number: str
    state: State
    department_id: DepartmentId
    received_at: datetime
    next_deadline_at: datetime
    overdue: bool
    escalation_level: int


class Board(Output):
    """All of it, at one moment of business time."""

    at: datetime
    total: Counts
    by_department: list[OfDepartment]
    oldest: list[Oldest]


async def read(look: Look) -> Board:
    """The board as of now."""
    departments = [OfDepartment(**row) for row in await look.rows(_COUNTS, look.now)]
    total = Counts(
        **{name: sum(getattr(department, name) for department in departments) for name in Counts.model_fields}
    )
    oldest = [_oldest(row, look.now) for row in await look.rows(_OLDEST, OLDEST)]
    return Board(at=look.now, total=total, by_department=departments, oldest=oldest)


def _oldest(row: Row, now: datetime) -> Oldest:
    return Oldest(**{**row, "number": number(row)}, overdue=row["next_deadline_at"] < now)
