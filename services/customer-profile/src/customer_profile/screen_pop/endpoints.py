"""The screen pop over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import encode
from careline.problems import NotFound, problem_responses
from customer_profile.ids import CustomerId
from customer_profile.screen_pop import repository
from customer_profile.screen_pop.schemas import ScreenPop
from customer_profile.screen_pop.service import compose

router = APIRouter(prefix="/v1/customers/{customer_id}/screen-pop", tags=["screen pop"])
Reader = Annotated[Principal, requires("profile:read")]


@router.get("", responses=problem_responses(401, 403, 404))
async def pop_screen(
    customer_id: CustomerId,
    _: Reader,
    request: Request,
    connection: ReadConnectionDep,
    identity: Annotated[
        Literal["verified", "claimed"],
        Query(description="What is known of the contact's identity; left out, it counts as claimed."),
    ] = "claimed",
) -> ScreenPop:
    """The customer at a glance; a claimed identity gets counts and kinds without detail."""
    row = await repository.pop(connection, customer_id)
    if row is None:
        raise NotFound("customer", encode("cus", customer_id))
    return compose(row, identity, service_of(request).business_clock.now())
