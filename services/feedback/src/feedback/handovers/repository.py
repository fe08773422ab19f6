"""Where offers of hand-over are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from feedback.complaints.access import Viewer
from feedback.complaints.schemas import OfferSummary
from feedback.context import Look, Row, Work

_INSERT: Final = """
INSERT INTO handover_offers (id, complaint_id, from_person_id, from_department_id, to_department_id, to_person_id, note,
    state, offered_at, answer_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9)
"""
_END: Final = """
UPDATE handover_offers SET state = $2, answered_at = $3, answered_by = $4, bounce_reason = $5
WHERE id = $1 AND state = 'open' RETURNING id
"""


async def of_complaint(look: Look, complaint_id: UUID) -> Sequence[Row]:
    """All offers of a complaint, the oldest first."""
    return await look.rows(
        "SELECT * FROM handover_offers WHERE complaint_id = $1 ORDER BY offered_at, id", complaint_id
    )


async def find(look: Look, handover_id: UUID) -> Row | None:
    """One offer."""
    return await look.row("SELECT * FROM handover_offers WHERE id = $1", handover_id)


async def open_of(look: Look, complaint_id: UUID) -> Row | None:
    """The open offer of a complaint; there is one at the most."""
    return await look.row("SELECT * FROM handover_offers WHERE complaint_id = $1 AND state = 'open'", complaint_id)


async def insert(
    work: Work,
    handover_id: UUID,
    complaint: Row,
    *,
    to_department_id: UUID,
    to_person_id: UUID | None,
    note: str,
    answer_by: datetime,
) -> None:
    """Keep an open offer, given by the owner."""
    await work.execute(
        _INSERT,
        handover_id,
        complaint["id"],
        complaint["owner_id"],
        complaint["department_id"],
        to_department_id,
        to_person_id,
        note,
        work.now,
        answer_by,
    )


async def end(
    work: Work, handover_id: UUID, state: str, *, answered_by: UUID | None = None, reason: str | None = None
) -> bool:
    """End an open offer; False if it is open no more."""
    return await work.row(_END, handover_id, state, work.now, answered_by, reason) is not None


def may_answer(viewer: Viewer, offer: Row) -> bool:
    """The person who was asked; the whole department where nobody was; its head in any case."""
    if viewer.person_id is None or not viewer.active or viewer.person_id == offer["from_person_id"]:
        return False
    if offer["to_person_id"] == viewer.person_id:
        return True
    in_department: bool = viewer.department_id == offer["to_department_id"]
    return in_department and (offer["to_person_id"] is None or viewer.heads_department)


def shown(offer: Row) -> dict[str, Any]:
    """The fields of an offer that are shown."""
    return {name: offer[name] for name in OfferSummary.model_fields}
