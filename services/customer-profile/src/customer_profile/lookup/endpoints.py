"""The look-up over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from careline.auth import Principal, requires
from careline.database import database_of
from careline.problems import problem_responses
from customer_profile.identifiers.guess import guess
from customer_profile.inputs import Line
from customer_profile.lookup import repository
from customer_profile.lookup.schemas import Found

router = APIRouter(prefix="/v1/lookup", tags=["lookup"])
Reader = Annotated[Principal, requires("profile:read")]


@router.get("", response_model=Found, responses=problem_responses(401, 403))
async def look_up(
    _: Reader,
    request: Request,
    identifier: Annotated[
        Line, Query(description="A phone number, mail address, card, plate, order number … as typed.")
    ],
) -> Response:
    """The customers who have this identifier, in any usual spelling."""
    wanted = guess(identifier)
    orders = sorted({identifier, *(value for kind, value in wanted if kind == "order")})
    async with database_of(request).read_raw() as connection:
        found = Found.model_construct(items=await repository.look_up(connection, wanted, orders))
    # Rendered here: a second validation of what the database has just said costs a tenth of the request.
    return Response(found.model_dump_json(), media_type="application/json")
