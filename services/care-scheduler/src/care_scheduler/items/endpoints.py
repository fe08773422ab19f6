"""Care items over HTTP: why, or why not; and today's care for the wall board."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, cast
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request

from care_scheduler.ids import CareId, CustomerId
from care_scheduler.items import reading
from care_scheduler.items.schemas import CareItem, CareItemWithWhy, State, Today
from care_scheduler.settings import Settings
from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import decode, encode
from careline.pagination import Limit, Page, decode_cursor, encode_cursor
from careline.problems import InvalidInput, NotFound, problem_responses

router = APIRouter(prefix="/v1", tags=["care items"], responses=problem_responses(401, 403))
Reader = Annotated[Principal, requires("care:read")]
BoardReader = Annotated[Principal, requires("board:read")]
Occasion = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@router.get("/care-items")
async def list_care_items(
    _: Reader,
    connection: ReadConnectionDep,
    customer_id: CustomerId | None = None,
    state: State | None = None,
    occasion: Occasion = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[CareItem]:
    """Care items, the newest first."""
    found = await reading.page(
        connection, customer_id=customer_id, state=state, occasion=occasion, after=_position(cursor), limit=limit
    )
    items = list(found[:limit])
    return Page(items=items, next=encode_cursor(encode("car", items[-1].id)) if len(found) > limit else None)


@router.get("/care-items/{care_id}", responses=problem_responses(404))
async def read_care_item(care_id: CareId, _: Reader, connection: ReadConnectionDep) -> CareItemWithWhy:
    """One care item with the verdict of every gate: why, or why not."""
    found = await reading.one(connection, care_id)
    if found is None:
        raise NotFound("care item", encode("car", care_id))
    return found


@router.get("/today")
async def read_today(_: BoardReader, connection: ReadConnectionDep, request: Request) -> Today:
    """Today's care by state, and by the gates that refused."""
    service = service_of(request)
    zone = ZoneInfo(cast("Settings", service.settings).time_zone)
    day = service.business_clock.now().astimezone(zone).date()
    begins, ends = (
        datetime.combine(each, datetime.min.time(), tzinfo=zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return await reading.today(connection, day.isoformat(), begins, ends)


def _position(cursor: str | None) -> CareId | None:
    if cursor is None:
        return None
    (id_,) = decode_cursor(cursor, parts=1)
    try:
        return decode("car", id_)
    except (ValueError, AttributeError):
        raise InvalidInput(
            "cursor", "not a cursor of this list", "Take `next` of the page before, unchanged."
        ) from None
