"""Business time over HTTP."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request

from careline.app import Service, service_of
from careline.auth import Principal, requires
from careline.database import WriteSessionDep
from careline.problems import problem_responses
from directory.business_time import service
from directory.business_time.schemas import Advance, BusinessTime
from directory.resources import settings_of

router = APIRouter(prefix="/v1/business-time", tags=["business time"], responses=problem_responses(400, 401, 403))

Reader = Annotated[Principal, requires("people:read")]
Mover = Annotated[Principal, requires("time:advance")]


@router.get("")
async def get_business_time(_: Reader, request: Request) -> BusinessTime:
    """The present moment of the business."""
    running = service_of(request)
    await running.business_clock.refresh(running.database)
    return _shown(running, running.business_clock.offset_seconds, movable=settings_of(request).business_time_movable)


@router.post("/advance", responses=problem_responses(409))
async def advance_business_time(_: Mover, body: Advance, request: Request, session: WriteSessionDep) -> BusinessTime:
    """Move business time forward for the whole system; what was due in between happens, or is said to be too late."""
    if not settings_of(request).business_time_movable:
        raise service.TimeNotMovable("Only a demo is started with DIRECTORY_BUSINESS_TIME_MOVABLE=true.")
    running = service_of(request)
    offset = await service.move(session, running.outbox, running.business_clock, body, now=running.clock.now())
    return _shown(running, offset, movable=True)


def _shown(running: Service, offset_seconds: int, *, movable: bool) -> BusinessTime:
    now = running.clock.now() + timedelta(seconds=offset_seconds)
    return BusinessTime(now=now, offset_seconds=offset_seconds, movable=movable)
