"""What agents can do, set by whoever plans the work."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.problems import problem_responses
from interaction_router.agents import repository
from interaction_router.agents.rows import read_agent
from interaction_router.agents.schemas import Agent, AgentSkillsInput
from interaction_router.ids import AgentId
from interaction_router.unit import UnitDep

router = APIRouter(prefix="/v1/agents", tags=["routing"], responses=problem_responses(401, 403))
RoutingWriter = Annotated[Principal, requires("routing:write")]


@router.put("/{agent_id}/skills")
async def put_skills(agent_id: AgentId, body: AgentSkillsInput, unit: UnitDep, _: RoutingWriter) -> Agent:
    """Replace an agent's skills and capacity; an agent who never signed in may be prepared so."""
    await repository.register(unit.connection, agent_id, "", unit.now)
    await repository.lock(unit.connection, agent_id)
    await repository.put_skills(unit.connection, agent_id, body)
    unit.touched_agents.add(agent_id)
    unit.decide = True
    return await read_agent(unit.connection, agent_id)
