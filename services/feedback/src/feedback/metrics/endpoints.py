"""Figures over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.problems import problem_responses
from feedback.inputs import Moment, Slug
from feedback.metrics import service
from feedback.metrics.schemas import By, Metrics

router = APIRouter(prefix="/v1/metrics", tags=["metrics"])
Reader = Annotated[Principal, requires("surveys:read")]
Since = Annotated[Moment | None, Query(alias="from", description="Invited at this moment or later.")]
Until = Annotated[Moment | None, Query(alias="to", description="Invited before this moment.")]


@router.get("", responses=problem_responses(401, 403, 404))
async def read_metrics(
    _: Reader,
    connection: ReadConnectionDep,
    survey: Slug = "follow_up",
    since: Since = None,
    until: Until = None,
    by: By | None = None,
) -> Metrics:
    """CSAT, NPS and CES with definition and 95 % interval, and who answered of those who were asked."""
    return await service.metrics(connection, survey, since, until, by)
