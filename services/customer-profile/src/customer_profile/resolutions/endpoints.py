"""Resolutions over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.problems import problem_responses
from customer_profile.context import WorkDep
from customer_profile.resolutions import service
from customer_profile.resolutions.schemas import Resolution, ResolutionInput

router = APIRouter(prefix="/v1/resolutions", tags=["resolutions"])
Resolver = Annotated[Principal, requires("profile:resolve")]


@router.post("", responses=problem_responses(401, 403))
async def resolve_contact(_: Resolver, body: ResolutionInput, work: WorkDep) -> Resolution:
    """Who is behind a contact. Repeating it changes nothing; an unknown person becomes a lead."""
    return await service.resolve(work, body)
