"""Complaints for those who work on them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from careline.app import service_of
from careline.idempotency import Idempotency
from careline.pagination import Limit
from careline.problems import problem_responses
from feedback.complaints import board, reading, service
from feedback.complaints.access import Worker, viewer_of
from feedback.complaints.board import Board, Watcher
from feedback.complaints.customers import tier_of
from feedback.complaints.schemas import Complaint, ComplaintInput, ComplaintPage, View
from feedback.complaints.service import Grievance
from feedback.complaints.states import Source, State
from feedback.context import LookDep, begin
from feedback.ids import ComplaintId, CustomerId, InteractionId

router = APIRouter(prefix="/v1/complaints", tags=["complaints"])


@router.post("", status_code=201, responses=problem_responses(400, 401, 403, 409))
async def record_complaint(principal: Worker, once: Idempotency, body: ComplaintInput, request: Request) -> Complaint:
    """Record what a customer complains about. It has an owner and deadlines at once."""
    tier = await tier_of(request, body.customer_id)
    async with begin(service_of(request)) as work:

        async def work_once() -> Complaint:
            row = await service.record(
                work,
                Grievance(
                    kind=body.kind,
                    severity=body.severity,
                    source=Source.AGENT,
                    text=body.text or "",
                    recorded_by=principal.subject,
                    customer_id=body.customer_id,
                    contact=body.contact,
                    interaction_id=body.interaction_id,
                    tier=tier,
                ),
            )
            return await reading.read(work, await viewer_of(work, principal), row["id"])

        return await once.run(work.transaction, principal.subject, work_once)


@router.get("", responses=problem_responses(401, 403))
async def list_complaints(
    principal: Worker,
    look: LookDep,
    view: View = "mine",
    state: State | None = None,
    with_closed: bool = False,
    customer_id: CustomerId | None = None,
    interaction_id: InteractionId | None = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
) -> ComplaintPage:
    """Complaints that the caller may see, the next due first; closed ones only when asked for."""
    return await reading.page(
        look,
        await viewer_of(look, principal),
        view=view,
        state=state,
        with_closed=with_closed,
        customer_id=customer_id,
        interaction_id=interaction_id,
        cursor=cursor,
        limit=limit,
    )


@router.get("/board", responses=problem_responses(401, 403))
async def show_complaint_board(_: Watcher, look: LookDep) -> Board:
    """How many complaints are open, overdue and due today, by department; the oldest."""
    return await board.read(look)


@router.get("/{complaint_id}", responses=problem_responses(401, 403, 404))
async def read_complaint(complaint_id: ComplaintId, principal: Worker, look: LookDep) -> Complaint:
    """A complaint with its deadlines and why they are, its offers, and its history."""
    return await reading.read(look, await viewer_of(look, principal), complaint_id)
