"""Customers over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Header, Response

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.idempotency import Idempotency
from careline.problems import problem_responses
from customer_profile.context import WorkDep
from customer_profile.customers import service
from customer_profile.customers.schemas import Customer, CustomerChange, CustomerInput
from customer_profile.ids import CustomerId

router = APIRouter(prefix="/v1/customers", tags=["customers"])
Reader = Annotated[Principal, requires("profile:read")]
Writer = Annotated[Principal, requires("profile:write")]


@router.post("", status_code=201, responses=problem_responses(400, 401, 403, 409))
async def register_customer(principal: Writer, once: Idempotency, body: CustomerInput, work: WorkDep) -> Customer:
    """Register a customer with identifiers that nobody has yet."""
    return await once.run(work.connection, principal.subject, lambda: service.register(work, body))


@router.get("/{customer_id}", responses=problem_responses(401, 403, 404))
async def read_customer(
    customer_id: CustomerId, _: Reader, response: Response, connection: ReadConnectionDep
) -> Customer:
    """A customer with all identifiers; the ETag is needed to change it."""
    customer = await service.read(connection, customer_id)
    response.headers["ETag"] = service.etag(customer.version)
    return customer


@router.patch("/{customer_id}", responses=problem_responses(401, 403, 404, 412, 428))
async def change_customer(
    customer_id: CustomerId,
    _: Writer,
    body: CustomerChange,
    response: Response,
    work: WorkDep,
    if_match: Annotated[str | None, Header(description="The ETag of the customer that the change was made on.")] = None,
) -> Customer:
    """Change some fields of a customer."""
    customer = await service.change(work, customer_id, body, if_match)
    response.headers["ETag"] = service.etag(customer.version)
    return customer
