"""What its owner, the head of the department, and supervisors do with a complaint."""

from fastapi import APIRouter

from careline.problems import problem_responses
from feedback.complaints import handling, reading
from feedback.complaints.access import Manager, Viewer, Worker, answerable, held, viewer_of
from feedback.complaints.ledger import Case
from feedback.complaints.schemas import (
    AcknowledgementInput,
    CauseInput,
    Complaint,
    CustomerLinkInput,
    DecisionInput,
    NoteInput,
    OwnerInput,
    ReopeningInput,
    ReplyInput,
    WordInput,
)
from feedback.context import Work, WorkDep
from feedback.ids import ComplaintId

router = APIRouter(
    prefix="/v1/complaints/{complaint_id}", tags=["complaints"], responses=problem_responses(401, 403, 404, 409)
)


@router.post("/acknowledgement")
async def acknowledge_complaint(
    complaint_id: ComplaintId, principal: Worker, body: AcknowledgementInput, work: WorkDep
) -> Complaint:
    """The customer was told that we know. Mails that go out by themselves do this without anybody."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    await handling.acknowledge(case, body.by)
    return await _saved(case, viewer)


@router.post("/notes")
async def note_on_complaint(complaint_id: ComplaintId, principal: Worker, body: NoteInput, work: WorkDep) -> Complaint:
    """Leave a note; everybody who sees the complaint may."""
    viewer = await viewer_of(work, principal)
    case = Case(work, await held(work, viewer, complaint_id), viewer.subject)
    handling.note(case, body.text)
    return await _saved(case, viewer)


@router.post("/cause")
async def find_complaint_cause(
    complaint_id: ComplaintId, principal: Worker, body: CauseInput, work: WorkDep
) -> Complaint:
    """Say why it came to this."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    handling.find_cause(case, body)
    return await _saved(case, viewer)


@router.post("/decision")
async def decide_complaint(
    complaint_id: ComplaintId, principal: Worker, body: DecisionInput, work: WorkDep
) -> Complaint:
    """Say whether the complaint is right, and what the customer gets."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    handling.decide(case, body)
    return await _saved(case, viewer)


@router.post("/reply")
async def reply_to_complaint(
    complaint_id: ComplaintId, principal: Worker, body: ReplyInput, work: WorkDep
) -> Complaint:
    """Answer the customer; needs cause and decision. The text goes out by the customer's means."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    await handling.reply(case, body.text)
    return await _saved(case, viewer)


@router.post("/customer-word")
async def hear_customer_word(complaint_id: ComplaintId, principal: Worker, body: WordInput, work: WorkDep) -> Complaint:
    """Take down what the customer says of the answer; "not accepted" opens the complaint again."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    await handling.hear_word(case, viewer, body)
    return await _saved(case, viewer)


@router.post("/closure")
async def close_complaint(complaint_id: ComplaintId, principal: Worker, work: WorkDep) -> Complaint:
    """Close it; needs cause, decision, reply and the customer's word."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    await handling.close(case)
    return await _saved(case, viewer)


@router.post("/reopening")
async def reopen_complaint(
    complaint_id: ComplaintId, principal: Worker, body: ReopeningInput, work: WorkDep
) -> Complaint:
    """Open it again; its clock goes on where it stood when we answered."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    await handling.reopen(case, "asked_for", body.reason)
    return await _saved(case, viewer)


@router.post("/customer")
async def link_complaint_customer(
    complaint_id: ComplaintId, principal: Worker, body: CustomerLinkInput, work: WorkDep
) -> Complaint:
    """Say whose complaint it is, when it came from somebody unknown."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    handling.link_customer(case, body.customer_id)
    return await _saved(case, viewer)


@router.post("/owner")
async def reassign_complaint(
    complaint_id: ComplaintId, principal: Manager, body: OwnerInput, work: WorkDep
) -> Complaint:
    """Give it to somebody without asking, for example when its owner is ill."""
    viewer = await viewer_of(work, principal)
    case = await _case(work, viewer, complaint_id)
    await handling.reassign(case, body.owner_id, body.reason)
    return await _saved(case, viewer)


async def _case(work: Work, viewer: Viewer, complaint_id: ComplaintId) -> Case:
    return Case(work, await answerable(work, viewer, complaint_id), viewer.subject)


async def _saved(case: Case, viewer: Viewer) -> Complaint:
    await case.save()
    return await reading.read(case.work, viewer, case.id)
