"""Consents over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.pagination import Limit, Page
from careline.problems import problem_responses
from customer_profile.consents import repository, service
from customer_profile.consents.schemas import Consent, ConsentInput
from customer_profile.context import WorkDep
from customer_profile.customers.access import existing_customer
from customer_profile.ids import CustomerId
from customer_profile.positions import position, position_cursor

router = APIRouter(prefix="/v1/customers/{customer_id}/consents", tags=["consents"])
Reader = Annotated[Principal, requires("profile:read")]
Writer = Annotated[Principal, requires("profile:write")]


@router.get("", responses=problem_responses(401, 403, 404))
async def read_consents(
    customer_id: CustomerId, _: Reader, connection: ReadConnectionDep, cursor: str | None = None, limit: Limit = 50
) -> Page[Consent]:
    """What the customer allowed and forbade, newest first."""
    await existing_customer(connection, customer_id)
    rows = await repository.page(connection, customer_id, after=position("cns", cursor), limit=limit)
    items = [Consent(**row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next=position_cursor("cns", last.recorded_at, last.id) if last else None)


@router.post("", status_code=201, responses=problem_responses(401, 403, 404))
async def record_consent(customer_id: CustomerId, principal: Writer, body: ConsentInput, work: WorkDep) -> Consent:
    """Write down that the customer allows something, or does so no longer."""
    return await service.append(
        work.connection, work.outbox, customer_id, body, recorded_by=principal.subject, now=work.now
    )
