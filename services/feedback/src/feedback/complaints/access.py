"""The one way to a complaint on behalf of a person: unknown and forbidden look the same.

Who sees it: its owner and her department, whoever recorded it, whoever gave it away, the department to which it is
offered, and everybody who manages complaints. Nobody loses sight of what they gave, or must answer to.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from careline.auth import Principal, requires
from careline.ids import decode, encode
from careline.problems import Forbidden, NotFound
from feedback.context import Look, Row, Work

Worker = Annotated[Principal, requires("complaints:work")]
Manager = Annotated[Principal, requires("complaints:manage")]

# $1 manages, $2 person, $3 department, $4 subject of the token.
VISIBLE: Final = """(
    $1::boolean OR c.owner_id = $2 OR c.department_id = $3 OR c.recorded_by = $4
    OR EXISTS (SELECT FROM handover_offers v WHERE v.complaint_id = c.id AND (v.from_person_id = $2
        OR (v.state = 'open' AND (v.to_person_id = $2 OR v.to_department_id = $3))))
)"""
_SEEN: Final = f"SELECT c.* FROM complaints c WHERE c.id = $5 AND {VISIBLE}"  # noqa: S608 -- constants of this module
_PERSON: Final = """
SELECT p.department_id, p.state,
    EXISTS (SELECT FROM departments d WHERE d.id = p.department_id AND d.head_id = p.id) AS heads
FROM people p WHERE p.id = $1
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks."""

    subject: str
    person_id: UUID | None
    department_id: UUID | None
    manages: bool
    heads_department: bool
    active: bool

    @property
    def arguments(self) -> tuple[Any, ...]:
        """What the predicate of visibility asks for."""
        return self.manages, self.person_id, self.department_id, self.subject

    def knows_customer(self, row: Row) -> bool:
        """Whether the complainant's address is for this viewer: those who must reach the customer."""
        return (
            self.manages
            or row["owner_id"] == self.person_id
            or row["department_id"] == self.department_id
            or row["recorded_by"] == self.subject
        )

    def answers_for(self, row: Row) -> bool:
        """Whether the viewer may act on it: its owner, the head of its department, and who manages complaints."""
        return (
            self.manages
            or row["owner_id"] == self.person_id
            or (self.heads_department and row["department_id"] == self.department_id)
        )


async def viewer_of(look: Look, principal: Principal) -> Viewer:
    """The caller as the directory's events describe them."""
    try:
        person_id = decode("per", principal.subject)
    except ValueError:
        person_id = None
    row = await look.row(_PERSON, person_id) if person_id else None
    return Viewer(
        subject=principal.subject,
        person_id=person_id,
        department_id=row["department_id"] if row else None,
        manages=principal.may("complaints:manage"),
        heads_department=bool(row and row["heads"]),
        active=row is None or row["state"] == "active",
    )


async def visible(look: Look, viewer: Viewer, complaint_id: UUID) -> Row:
    """The complaint; NotFound if it is not for the viewer."""
    row = await look.row(_SEEN, *viewer.arguments, complaint_id)
    if row is None:
        raise NotFound("complaint", encode("cmp", complaint_id))
    return row


async def held(work: Work, viewer: Viewer, complaint_id: UUID) -> Row:
    """The complaint, locked; NotFound if it is not for the viewer."""
    # Locked first, looked at afterwards: what was decided while this waited for the lock counts.
    await work.row("SELECT 1 FROM complaints WHERE id = $1 FOR UPDATE", complaint_id)
    return await visible(work, viewer, complaint_id)


async def answerable(work: Work, viewer: Viewer, complaint_id: UUID) -> Row:
    """The complaint, locked, for somebody who answers for it; Forbidden to those who only see it."""
    row = await held(work, viewer, complaint_id)
    if not viewer.answers_for(row):
        raise Forbidden("Only its owner, the head of its department and supervisors may do this.")
    return row
