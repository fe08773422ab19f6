"""Identifiers of a customer over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.problems import problem_responses
from customer_profile.context import WorkDep
from customer_profile.identifiers import service
from customer_profile.identifiers.schemas import Identifier, IdentifierInput, VerificationInput
from customer_profile.ids import CustomerId, IdentifierId

router = APIRouter(prefix="/v1/customers/{customer_id}/identifiers", tags=["identifiers"])
Writer = Annotated[Principal, requires("profile:write")]


@router.post("", status_code=201, responses=problem_responses(401, 403, 404, 409))
async def add_identifier(customer_id: CustomerId, _: Writer, body: IdentifierInput, work: WorkDep) -> Identifier:
    """Add an identifier; the same one cannot belong to two customers."""
    return await service.add(work, customer_id, body)


@router.post("/{identifier_id}/verification", responses=problem_responses(401, 403, 404))
async def verify_identifier(
    customer_id: CustomerId, identifier_id: IdentifierId, _: Writer, body: VerificationInput, work: WorkDep
) -> Identifier:
    """Record that it was checked that the identifier is the customer's."""
    return await service.verify(work, customer_id, identifier_id, body)
