"""Occasions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Response

from care_scheduler.context import WorkDep
from care_scheduler.occasions import repository, service
from care_scheduler.occasions.model import Key
from care_scheduler.occasions.schemas import OccasionInput, Occasions, OccasionView
from care_scheduler.versions import IfMatch, etag
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.problems import problem_responses

router = APIRouter(prefix="/v1/occasions", tags=["occasions"], responses=problem_responses(401, 403))
Reader = Annotated[Principal, requires("care:read")]
Writer = Annotated[Principal, requires("care:write")]


@router.get("")
async def read_occasions(_: Reader, connection: ReadConnectionDep) -> Occasions:
    """Everything we care about, with its rules and how far its calendar is known."""
    return Occasions(items=[service.shown(each) for each in await repository.all_occasions(connection)])


@router.get("/{key}")
async def read_occasion(key: Key, _: Reader, connection: ReadConnectionDep, response: Response) -> OccasionView:
    """One occasion; the ETag is needed to change it."""
    found = service.shown(await repository.occasion(connection, key))
    response.headers["ETag"] = etag(found.version)
    return found


@router.put("/{key}", responses=problem_responses(412, 428))
async def put_occasion(
    key: Key, body: OccasionInput, _: Writer, work: WorkDep, response: Response, if_match: IfMatch = None
) -> OccasionView:
    """Change the rules of an occasion. What is planned follows them within seconds; what was acted upon stays."""
    changed = await service.change(work, key, body, if_match)
    response.headers["ETag"] = etag(changed.version)
    return changed
