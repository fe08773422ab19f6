"""The rules of asking and every decision made under them, over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep, WriteConnectionDep
from careline.pagination import Limit, Page
from careline.problems import problem_responses
from feedback.context import WorkDep
from feedback.ids import CustomerId, SampleId
from feedback.sampling import service
from feedback.sampling.drawing import Decision
from feedback.sampling.schemas import PolicyInput, Sample, SampleWithReplay, SamplingPolicy
from feedback.surveys.service import etag

router = APIRouter(prefix="/v1", tags=["sampling"])
Reader = Annotated[Principal, requires("surveys:read")]
Writer = Annotated[Principal, requires("surveys:write")]
Subject = Annotated[str, Query(pattern=r"^(int|cmp)_[0-9a-z]{26}$", description="An interaction or a complaint.")]


@router.get("/sampling-policy", responses=problem_responses(401, 403))
async def read_sampling_policy(_: Reader, response: Response, connection: ReadConnectionDep) -> SamplingPolicy:
    """The rules of asking that are in force; the ETag is needed to change them."""
    policy = await service.policy(connection)
    response.headers["ETag"] = etag(policy.version)
    return policy


@router.get("/sampling-policy/versions/{version}", responses=problem_responses(401, 403, 404))
async def read_sampling_policy_version(
    version: Annotated[int, Path(ge=1, le=2**31 - 1)], _: Reader, connection: ReadConnectionDep
) -> SamplingPolicy:
    """The rules as they were, for a decision that was made under them."""
    return await service.policy(connection, version)


@router.put("/sampling-policy", responses=problem_responses(401, 403, 412, 428))
async def write_sampling_policy(
    principal: Writer,
    body: PolicyInput,
    response: Response,
    connection: WriteConnectionDep,
    work: WorkDep,
    if_match: Annotated[str | None, Header(description="The ETag of the policy that was changed.")] = None,
) -> SamplingPolicy:
    """Put new rules in force; decisions that were made stay under theirs."""
    policy = await service.write(connection, work, body, if_match, principal.subject)
    response.headers["ETag"] = etag(policy.version)
    return policy


@router.get("/samples", responses=problem_responses(401, 403))
async def list_samples(
    _: Reader,
    connection: ReadConnectionDep,
    customer_id: CustomerId | None = None,
    subject: Subject | None = None,
    decision: Decision | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[Sample]:
    """What was decided about each closing, newest first."""
    return await service.page(
        connection, customer_id=customer_id, subject=subject, decision=decision, cursor=cursor, limit=limit
    )


@router.get("/samples/{sample_id}", responses=problem_responses(401, 403, 404))
async def read_sample(sample_id: SampleId, _: Reader, connection: ReadConnectionDep) -> SampleWithReplay:
    """Why somebody was asked, or was not, and the same draw once more."""
    return await service.one(connection, sample_id)
