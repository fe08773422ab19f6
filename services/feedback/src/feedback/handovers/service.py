"""Handing over: offered, then accepted or bounced. The giver owns the complaint until somebody says yes."""

from typing import Any, Final
from uuid import UUID

from careline.ids import encode, new_id
from careline.problems import Conflict, Forbidden, InvalidInput, NotFound
from feedback.complaints import repository as complaints
from feedback.complaints.access import Viewer, answerable, held
from feedback.complaints.events import (
    ComplaintEscalated,
    ComplaintHandoverAccepted,
    ComplaintHandoverBounced,
    ComplaintHandoverOffered,
    ComplaintHandoverWithdrawn,
)
from feedback.complaints.ledger import Case
from feedback.complaints.service import set_timers
from feedback.complaints.states import Deadline, State
from feedback.context import Row, Work
from feedback.handovers import repository
from feedback.handovers.schemas import HandoverInput
from feedback.standards import calendars
from feedback.standards.promises import schedule
from feedback.standards.repository import promise

MANY_HOPS: Final = 3
HIGHEST_LEVEL: Final = 2
_MEMBER: Final = "SELECT 1 FROM people WHERE id = $1 AND department_id = $2 AND state = 'active' FOR SHARE"


class AlreadyOffered(Conflict):
    """One offer at a time."""

    type_name = "already-offered"
    title = "It is offered already"


class OfferOver(Conflict):
    """Somebody answered it, or it was withdrawn."""

    type_name = "offer-over"
    title = "The offer is over"


async def offer(work: Work, viewer: Viewer, complaint_id: UUID, body: HandoverInput) -> None:
    """Offer the complaint to another department, or to one person in a department."""
    row = await answerable(work, viewer, complaint_id)
    if row["state"] == State.CLOSED:
        raise Conflict("A closed complaint is not handed over.")
    if await repository.open_of(work, complaint_id):
        raise AlreadyOffered("Wait for the answer, or withdraw the offer.")
    await _check_receiver(work, row, body)
    pinned = await calendars.exact(work, row["calendar_key"], row["calendar_version"])
    planned = schedule(pinned.calendar, promise(row, standard_id=row["standard_id"]), work.now, row["handover_seconds"])
    handover_id = new_id()
    await repository.insert(
        work,
        handover_id,
        row,
        to_department_id=body.to_department,
        to_person_id=body.to_person,
        note=body.note,
        answer_by=planned.by.at,
    )
    await set_timers(work, complaint_id, Deadline.HANDOVER, planned)
    case = Case(work, row, viewer.subject)
    event = ComplaintHandoverOffered(
        **_which(case, handover_id),
        from_person_id=row["owner_id"],
        to_department_id=body.to_department,
        to_person_id=body.to_person,
        answer_by=planned.by.at,
    )
    case.tell("handover_offered", event.model_dump(mode="json"), text=body.note, event=event)
    await case.save()


async def accept(work: Work, viewer: Viewer, handover_id: UUID) -> UUID:
    """Say yes: from now on the caller owns the complaint. Returns its id."""
    case, found = await _answering(work, viewer, handover_id)
    assert viewer.person_id is not None  # noqa: S101 -- only a person may answer
    await repository.end(work, handover_id, "accepted", answered_by=viewer.person_id)
    await complaints.disarm(work, case.id, [Deadline.HANDOVER])
    department_id: UUID = found["to_department_id"]
    case.change(owner_id=viewer.person_id, department_id=department_id)
    event = ComplaintHandoverAccepted(
        **_which(case, handover_id), owner_id=viewer.person_id, department_id=department_id
    )
    case.tell("handover_accepted", event.model_dump(mode="json"), event=event)
    await _escalate_a_circle(case, found)
    await case.save()
    return case.id


async def bounce(work: Work, viewer: Viewer, handover_id: UUID, reason: str) -> UUID:
    """Say no, and why: the giver owns it as before. Returns the complaint's id."""
    case, _ = await _answering(work, viewer, handover_id)
    await repository.end(work, handover_id, "bounced", answered_by=viewer.person_id, reason=reason)
    await complaints.disarm(work, case.id, [Deadline.HANDOVER])
    event = ComplaintHandoverBounced(**_which(case, handover_id), owner_id=case.row["owner_id"])
    case.tell("handover_bounced", event.model_dump(mode="json"), text=reason, event=event)
    await case.save()
    return case.id


async def withdraw(work: Work, viewer: Viewer, handover_id: UUID) -> UUID:
    """Take the offer back. Returns the complaint's id."""
    found = await _find(work, handover_id)
    try:
        row = await answerable(work, viewer, found["complaint_id"])
    except NotFound:
        # Who sees neither learns no more than that; least of all which complaint it is.
        raise NotFound("hand-over offer", encode("hof", handover_id)) from None
    case = Case(work, row, viewer.subject)
    if not await withdraw_open(case, "withdrawn", only=handover_id):
        raise OfferOver("Somebody has answered it.")
    await case.save()
    return case.id


async def withdraw_open(case: Case, cause: str, *, only: UUID | None = None) -> bool:
    """End the open offer of a complaint that its holder has locked; False if there is none."""
    found = await repository.open_of(case.work, case.id)
    if found is None or only not in {None, found["id"]}:
        return False
    await repository.end(case.work, found["id"], "withdrawn")
    await complaints.disarm(case.work, case.id, [Deadline.HANDOVER])
    event = ComplaintHandoverWithdrawn(**_which(case, found["id"]), owner_id=case.row["owner_id"])
    case.tell("handover_withdrawn", {**event.model_dump(mode="json"), "cause": cause}, event=event)
    return True


async def _check_receiver(work: Work, row: Row, body: HandoverInput) -> None:
    if await work.row("SELECT 1 FROM departments WHERE id = $1", body.to_department) is None:
        raise InvalidInput("to_department", "unknown", "Choose a department of the directory.")
    if body.to_person is None:
        if body.to_department == row["department_id"]:
            raise InvalidInput("to_department", "has it already", "Name a person, or another department.")
        return
    if body.to_person == row["owner_id"]:
        raise InvalidInput("to_person", "owns it already", "Choose somebody else.")
    if await work.row(_MEMBER, body.to_person, body.to_department) is None:
        raise InvalidInput("to_person", "nobody who works in that department", "Choose somebody else, or nobody.")


async def _find(work: Work, handover_id: UUID) -> Row:
    found = await repository.find(work, handover_id)
    if found is None:
        raise NotFound("hand-over offer", encode("hof", handover_id))
    return found


async def _answering(work: Work, viewer: Viewer, handover_id: UUID) -> tuple[Case, Row]:
    found = await _find(work, handover_id)
    try:
        row = await held(work, viewer, found["complaint_id"])
    except NotFound:
        raise NotFound("hand-over offer", encode("hof", handover_id)) from None
    # Read again under the complaint's lock: somebody else may have answered meanwhile.
    found = await _find(work, handover_id)
    if found["state"] != "open":
        raise OfferOver("Somebody has answered it, or it was withdrawn.", state=found["state"])
    if not repository.may_answer(viewer, found):
        raise Forbidden("Only who is asked may answer.")
    return Case(work, row, viewer.subject), found


async def _escalate_a_circle(case: Case, accepted: Row) -> None:
    """Back where it was before, or at its third hop: somebody above must look."""
    work = case.work
    hops = [
        each
        for each in await repository.of_complaint(work, case.id)
        if each["state"] == "accepted" and each["from_department_id"] != each["to_department_id"]
    ]
    been_at = {each["from_department_id"] for each in hops}
    between_departments = accepted["from_department_id"] != accepted["to_department_id"]
    if not between_departments or (accepted["to_department_id"] not in been_at and len(hops) < MANY_HOPS):
        return
    level = min(case.row["escalation_level"] + 1, HIGHEST_LEVEL)
    head = await work.row("SELECT head_id FROM departments WHERE id = $1", accepted["to_department_id"])
    event = ComplaintEscalated(
        complaint_id=case.id,
        customer_id=case.row["customer_id"],
        level=1 if level == 1 else 2,
        cause="handover_circle",
        deadline=None,
        owner_id=case.now("owner_id"),
        to_person_id=head["head_id"] if head and level == 1 else None,
        due_at=work.now,
    )
    case.change(escalation_level=level)
    case.tell("escalated", {**event.model_dump(mode="json"), "hops": len(hops)}, event=event)


def _which(case: Case, handover_id: UUID) -> dict[str, Any]:
    return {"complaint_id": case.id, "customer_id": case.row["customer_id"], "handover_id": handover_id}
