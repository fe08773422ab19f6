"""Surveys over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Header, Path, Response
from starlette.requests import HTTPConnection

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep, WriteConnectionDep
from careline.problems import problem_responses
from feedback.context import WorkDep
from feedback.inputs import Slug
from feedback.surveys import service
from feedback.surveys.schemas import Survey, SurveyInput, SurveySummary
from feedback.surveys.service import Surveys

router = APIRouter(prefix="/v1/surveys", tags=["surveys"])
Reader = Annotated[Principal, requires("surveys:read")]
Writer = Annotated[Principal, requires("surveys:write")]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


async def _surveys(http: HTTPConnection) -> Surveys:
    return cast("Surveys", http.state.surveys)


SurveysDep = Annotated[Surveys, Depends(_surveys)]


@router.get("", responses=problem_responses(401, 403))
async def list_surveys(_: Reader, connection: ReadConnectionDep) -> list[SurveySummary]:
    """All surveys, each in its newest version."""
    return await service.summaries(connection)


@router.get("/{key}", responses=problem_responses(401, 403, 404))
async def read_survey(key: Slug, _: Reader, response: Response, connection: ReadConnectionDep) -> Survey:
    """A survey's newest version; the ETag is needed to change it."""
    survey = await service.newest(connection, key)
    response.headers["ETag"] = service.etag(survey.version)
    return survey


@router.get("/{key}/versions/{version}", responses=problem_responses(401, 403, 404))
async def read_survey_version(
    key: Slug, version: Version, _: Reader, surveys: SurveysDep, connection: ReadConnectionDep
) -> Survey:
    """A version as it was and will be."""
    return await surveys.version(connection, key, version)


@router.put("/{key}", responses=problem_responses(401, 403, 412, 428))
async def write_survey(
    key: Slug,
    principal: Writer,
    body: SurveyInput,
    response: Response,
    connection: WriteConnectionDep,
    work: WorkDep,
    if_match: Annotated[str | None, Header(description="The ETag of the version that was changed.")] = None,
) -> Survey:
    """Add a survey, or a new version of one. Invitations keep the version that they were sent with."""
    survey = await service.write(connection, key, body, if_match=if_match, author=principal.subject, now=work.now)
    response.headers["ETag"] = service.etag(survey.version)
    return survey
