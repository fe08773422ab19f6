"""Care facts over HTTP: for services alone, because they hold everything without a mask."""

from typing import Annotated, cast
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import database_of
from careline.problems import problem_responses
from customer_profile.care_facts import service
from customer_profile.care_facts.schemas import MAX_CUSTOMERS, CareFactsList, CareFactsPage, Wanted
from customer_profile.ids import CustomerId
from customer_profile.settings import Settings

router = APIRouter(prefix="/v1/care-facts", tags=["care facts"])
Care = Annotated[Principal, requires("profile:care")]


@router.post("", response_model=CareFactsList, responses=problem_responses(401, 403))
async def read_care_facts(_: Care, body: Wanted, request: Request) -> Response:
    """The facts of up to 500 customers; unknown ones are left out."""
    async with database_of(request).read_raw() as connection:
        items = await service.facts_of(connection, body.customer_ids, _zone(request))
    # Rendered here: a second validation of five hundred customers costs as much as reading them.
    return _answer(CareFactsList(items=items))


@router.get("", response_model=CareFactsPage, responses=problem_responses(401, 403))
async def walk_care_facts(
    _: Care,
    request: Request,
    after: Annotated[CustomerId | None, Query(description="The last customer of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_CUSTOMERS)] = MAX_CUSTOMERS,
) -> Response:
    """The facts of all customers by id, page by page."""
    async with database_of(request).read_raw() as connection:
        items = await service.facts_after(connection, after, limit, _zone(request))
    return _answer(CareFactsPage(items=items, next=items[-1].customer_id if len(items) == limit else None))


def _zone(request: Request) -> ZoneInfo:
    return ZoneInfo(cast("Settings", service_of(request).settings).time_zone)


def _answer(found: CareFactsList) -> Response:
    return Response(found.model_dump_json(), media_type="application/json")
