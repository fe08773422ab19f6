"""Hand-over over HTTP."""

from fastapi import APIRouter

from careline.problems import problem_responses
from feedback.complaints import reading
from feedback.complaints.access import Worker, viewer_of
from feedback.complaints.schemas import Complaint
from feedback.context import WorkDep
from feedback.handovers import service
from feedback.handovers.schemas import BounceInput, HandoverInput
from feedback.ids import ComplaintId, HandoverId

router = APIRouter(prefix="/v1", tags=["hand-over"], responses=problem_responses(401, 403, 404, 409))


@router.post("/complaints/{complaint_id}/handovers", status_code=201)
async def offer_handover(complaint_id: ComplaintId, principal: Worker, body: HandoverInput, work: WorkDep) -> Complaint:
    """Offer the complaint to another department. Its owner answers for it until somebody there says yes."""
    viewer = await viewer_of(work, principal)
    await service.offer(work, viewer, complaint_id, body)
    return await reading.read(work, viewer, complaint_id)


@router.post("/handover-offers/{handover_id}/acceptance")
async def accept_handover(handover_id: HandoverId, principal: Worker, work: WorkDep) -> Complaint:
    """Say yes: the caller owns the complaint from now on."""
    viewer = await viewer_of(work, principal)
    return await reading.read(work, viewer, await service.accept(work, viewer, handover_id))


@router.post("/handover-offers/{handover_id}/bounce", status_code=204)
async def bounce_handover(handover_id: HandoverId, principal: Worker, body: BounceInput, work: WorkDep) -> None:
    """Say no, and why. The complaint is out of the caller's sight then."""
    await service.bounce(work, await viewer_of(work, principal), handover_id, body.reason)


@router.post("/handover-offers/{handover_id}/withdrawal")
async def withdraw_handover(handover_id: HandoverId, principal: Worker, work: WorkDep) -> Complaint:
    """Take the offer back."""
    viewer = await viewer_of(work, principal)
    return await reading.read(work, viewer, await service.withdraw(work, viewer, handover_id))
