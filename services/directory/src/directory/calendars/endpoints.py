"""Business calendars over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadSessionDep, WriteSessionDep
from careline.pagination import Page
from careline.problems import problem_responses
from directory.calendars import repository, service
from directory.calendars.schemas import BusinessCalendar, CalendarInput
from directory.departments.schemas import Key

router = APIRouter(prefix="/v1/calendars", tags=["calendars"], responses=problem_responses(400, 401, 403))

Reader = Annotated[Principal, requires("people:read")]
Writer = Annotated[Principal, requires("calendars:write")]


@router.get("")
async def list_calendars(_: Reader, request: Request, session: ReadSessionDep) -> Page[BusinessCalendar]:
    """The newest version of every calendar, by key."""
    rows = await repository.newest(session)
    return Page(items=[service.shown(row, _today(request)) for row in rows], next=None)


@router.get("/{key}", responses=problem_responses(404))
async def get_calendar(_: Reader, key: Key, request: Request, session: ReadSessionDep) -> BusinessCalendar:
    """The newest version of one calendar."""
    return service.shown(await service.get(session, key), _today(request))


@router.get("/{key}/versions/{version}", responses=problem_responses(404))
async def get_calendar_version(
    _: Reader, key: Key, version: Annotated[int, Path(ge=1, lt=2**31)], request: Request, session: ReadSessionDep
) -> BusinessCalendar:
    """A version that something may still be pinned to."""
    return service.shown(await service.get(session, key, version), _today(request))


@router.put("/{key}")
async def set_calendar(
    _: Writer, key: Key, body: CalendarInput, request: Request, session: WriteSessionDep
) -> BusinessCalendar:
    """Make a new version of a calendar, with the country's holidays and make-up days as far as they are known."""
    running = service_of(request)
    row = await service.make_version(session, running.outbox, key, body, today=_today(request), now=running.clock.now())
    return service.shown(row, _today(request))


def _today(request: Request) -> date:
    return service_of(request).business_clock.now().date()
