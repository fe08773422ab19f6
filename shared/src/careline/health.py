"""Health: liveness looks at the process alone, readiness at what it needs, metrics at everything."""

import asyncio

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.responses import Response

from careline.database import database_of
from careline.problems import Unavailable, problem_responses

READY_TIMEOUT_SECONDS = 1.0

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The state of one process."""

    status: str


@router.get("/livez")
async def live() -> Health:
    """The event loop turns. A database that is away is no reason to restart."""
    return Health(status="live")


@router.get("/readyz", responses=problem_responses(503))
async def ready(request: Request) -> Health:
    """The database answers and the process is not about to stop."""
    if request.state.draining.is_set():
        raise Unavailable("This process is about to stop.")
    async with asyncio.timeout(READY_TIMEOUT_SECONDS), database_of(request).read_raw() as connection:
        await connection.fetchval("SELECT 1")
    if not request.state.service.business_clock.known.is_set():
        raise Unavailable("This process has not read the business time yet.")
    return Health(status="ready")


@router.get("/metrics", include_in_schema=False)
async def metrics() -> Response:
    """Figures for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
