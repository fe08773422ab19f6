"""Leaving over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadSessionDep, WriteSessionDep
from careline.pagination import Limit, Page, encode_cursor
from careline.problems import problem_responses
from directory.cursors import id_in
from directory.leavings import repository, service
from directory.leavings.schemas import Leaving, LeavingInput
from directory.people.schemas import LeavingId, PersonId

router = APIRouter(prefix="/v1", tags=["leaving"], responses=problem_responses(400, 401, 403))

Reader = Annotated[Principal, requires("people:read")]
Writer = Annotated[Principal, requires("people:write")]


@router.post("/people/{person_id}/deactivation", status_code=202, responses=problem_responses(404, 409))
async def deactivate_person(
    _: Writer, person_id: PersonId, body: LeavingInput, request: Request, session: WriteSessionDep
) -> Leaving:
    """Let the person leave: every session ends at once, tokens within five minutes, and a successor takes over."""
    running = service_of(request)
    row = await service.begin(session, running.outbox, person_id, body, now=running.clock.now())
    return Leaving.model_validate(row)


@router.get("/leavings")
async def list_leavings(
    _: Reader, session: ReadSessionDep, cursor: str | None = None, limit: Limit = 50
) -> Page[Leaving]:
    """Who leaves and who has left, the last begun first."""
    rows = await repository.page(session, after=id_in(cursor) if cursor else None, limit=limit + 1)
    items = [Leaving.model_validate(row) for row in rows[:limit]]
    return Page(items=items, next=encode_cursor(items[-1].id) if len(rows) > limit else None)


@router.get("/leavings/{leaving_id}", responses=problem_responses(404))
async def get_leaving(_: Reader, leaving_id: LeavingId, session: ReadSessionDep) -> Leaving:
    """How far a leaving has come."""
    return Leaving.model_validate(await service.get(session, leaving_id))
