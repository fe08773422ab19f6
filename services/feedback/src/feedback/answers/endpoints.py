"""When an answer is low, over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.problems import problem_responses
from feedback.answers import rules
from feedback.answers.schemas import LowScoreRules
from feedback.context import LookDep, WorkDep
from feedback.inputs import Slug

router = APIRouter(prefix="/v1/surveys/{key}/low-score-rules", tags=["surveys"])
Reader = Annotated[Principal, requires("surveys:read")]
Writer = Annotated[Principal, requires("surveys:write")]


@router.get("", responses=problem_responses(401, 403, 404))
async def read_low_score_rules(key: Slug, _: Reader, look: LookDep) -> LowScoreRules:
    """Which answers to a survey open a complaint."""
    return await rules.read(look, key)


@router.put("", responses=problem_responses(401, 403, 404))
async def write_low_score_rules(key: Slug, _: Writer, body: LowScoreRules, work: WorkDep) -> LowScoreRules:
    """Replace the rules of a survey; answers that were taken stay as they were judged."""
    return await rules.write(work, key, body)
