"""Setting up queues."""

import json
from typing import Annotated

from fastapi import APIRouter, Path

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.problems import problem_responses
from interaction_router.agents.schemas import Skill
from interaction_router.interactions.rows import Row
from interaction_router.queues import repository
from interaction_router.queues.schemas import Queue, QueueInput, Queues
from interaction_router.unit import UnitDep

router = APIRouter(prefix="/v1/queues", tags=["routing"], responses=problem_responses(401, 403))

Key = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
RoutingWriter = Annotated[Principal, requires("routing:write")]


@router.put("/{key}")
async def put_queue(key: Key, body: QueueInput, unit: UnitDep, _: RoutingWriter) -> Queue:
    """Create or replace a queue."""
    row = await repository.put_queue(
        unit.connection,
        key,
        name=body.name,
        required_skills=json.dumps([each.model_dump() for each in body.required_skills]),
        priority=body.priority,
        offer_timeout_seconds=body.offer_timeout_seconds,
        answer_target_seconds=body.answer_target_seconds,
        channels=list(body.channels),
        wrap_up_seconds=body.wrap_up_seconds,
    )
    unit.decide = True
    return _queue(row)


@router.get("")
async def list_queues(connection: ReadConnectionDep, _: RoutingWriter) -> Queues:
    """All queues."""
    return Queues(items=[_queue(row) for row in await repository.all_queues(connection)])


def _queue(row: Row) -> Queue:
    skills = [Skill(**each) for each in json.loads(row["required_skills"])]
    return Queue(**{**dict(row), "required_skills": skills})
