"""What care asks when it renders a message for us."""

from typing import Annotated, cast

from fastapi import APIRouter
from starlette.requests import Request

from careline.auth import Principal, requires
from careline.problems import problem_responses
from feedback.contents import registry
from feedback.contents.registry import Tellers
from feedback.contents.schemas import Contents, ContentsInput
from feedback.context import LookDep

router = APIRouter(prefix="/v1/care-contents", tags=["contents"])
Care = Annotated[Principal, requires("feedback:contents")]


@router.post("", responses=problem_responses(401, 403))
async def read_care_contents(_: Care, body: ContentsInput, look: LookDep, request: Request) -> Contents:
    """The values and scripts for what care writes on our behalf. What is answered or over is left out."""
    tellers = cast("Tellers", request.state.tellers)
    return Contents(items=await registry.tell(tellers, look, body.references))
