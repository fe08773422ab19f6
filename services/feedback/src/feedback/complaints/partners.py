"""Complaints that partners pass on: a shop, a repairer, a platform."""

from typing import Annotated

from fastapi import APIRouter, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.idempotency import Idempotency
from careline.problems import problem_responses
from feedback.complaints import reading, service
from feedback.complaints.customers import customer_behind, tier_of
from feedback.complaints.schemas import PartnerComplaintInput, PartnerReceipt
from feedback.complaints.service import Grievance
from feedback.complaints.states import Source
from feedback.context import begin

router = APIRouter(prefix="/v1/complaints", tags=["complaints of partners"])
Partner = Annotated[Principal, requires("complaints:write")]


@router.post("/partner", status_code=201, responses=problem_responses(400, 401, 403, 409))
async def pass_complaint_on(
    principal: Partner, once: Idempotency, body: PartnerComplaintInput, request: Request
) -> PartnerReceipt:
    """Pass a complaint on. Repeat it under the same Idempotency-Key until it is answered; it is recorded once."""
    customer_id, tier = body.customer_id, await tier_of(request, body.customer_id)
    if customer_id is None and body.contact is not None:
        customer = await customer_behind(request, body.contact)
        customer_id, tier = (customer.id, customer.tier) if customer else (None, None)
    async with begin(service_of(request)) as work:

        async def work_once() -> PartnerReceipt:
            row = await service.record(
                work,
                Grievance(
                    kind=body.kind,
                    severity=body.severity,
                    source=Source.PARTNER,
                    text=body.text,
                    recorded_by=principal.subject,
                    customer_id=customer_id,
                    contact=body.contact,
                    reference=body.reference,
                    tier=tier,
                ),
            )
            return PartnerReceipt(
                id=row["id"],
                number=reading.number(row),
                state=row["state"],
                received_at=row["received_at"],
                resolve_by=row["resolve_by"],
            )

        return await once.run(work.transaction, principal.subject, work_once)
