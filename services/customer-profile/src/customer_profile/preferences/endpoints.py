"""Preferences over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import encode
from careline.problems import NotFound, problem_responses
from customer_profile.context import WorkDep
from customer_profile.events import PreferencesChanged
from customer_profile.ids import CustomerId
from customer_profile.ledger import tell
from customer_profile.preferences import repository
from customer_profile.preferences.schemas import Preferences, PreferencesInput

router = APIRouter(prefix="/v1/customers/{customer_id}/preferences", tags=["preferences"])
Reader = Annotated[Principal, requires("profile:read")]
Writer = Annotated[Principal, requires("profile:write")]


@router.get("", responses=problem_responses(401, 403, 404))
async def read_preferences(customer_id: CustomerId, _: Reader, connection: ReadConnectionDep) -> Preferences:
    """How and when the customer wants to be reached."""
    row = await repository.find(connection, customer_id)
    if row is None:
        raise NotFound("customer", encode("cus", customer_id))
    return Preferences(**row)


@router.put("", responses=problem_responses(401, 403, 404))
async def set_preferences(customer_id: CustomerId, _: Writer, body: PreferencesInput, work: WorkDep) -> Preferences:
    """Set how and when the customer wants to be reached; what is left out is unknown from then on."""
    await tell(work.connection, work.outbox, customer_id, [PreferencesChanged(customer_id=customer_id)], work.now)
    await repository.replace(work.connection, customer_id, body)
    return Preferences(**body.model_dump())
