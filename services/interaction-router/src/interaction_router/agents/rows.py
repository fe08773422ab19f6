"""Reads agents and gives them their outside shape."""

import json
from uuid import UUID

from interaction_router.agents.schemas import Agent, Capacity, Presence, Skill
from interaction_router.interactions.rows import AnyConnection, Row

SELECT_AGENT = """
SELECT a.*,
    coalesce((SELECT json_agg(json_build_object('skill', s.skill, 'level', s.level) ORDER BY s.skill)
              FROM agent_skills s WHERE s.agent_id = a.id), '[]') AS skills,
    coalesce((SELECT json_object_agg(c.channel, c.wanted_limit)
              FROM agent_capacity c WHERE c.agent_id = a.id), '{}') AS capacity
FROM agents a
"""


async def read_agent(connection: AnyConnection, agent_id: UUID) -> Agent:
    """One agent who exists."""
    row = await connection.fetchrow(SELECT_AGENT + "WHERE a.id = $1", agent_id)
    if row is None:
        raise LookupError(agent_id)
    return agent(row)


def agent(row: Row) -> Agent:
    """The outside shape of an agent."""
    capacity = json.loads(row["capacity"])
    return Agent(
        id=row["id"],
        name=row["name"],
        presence=Presence(
            status=row["presence"],
            since=row["presence_since"],
            reason=row["presence_reason"],
            not_responding=row["not_responding"],
        ),
        skills=[Skill(**each) for each in json.loads(row["skills"])],
        capacity=Capacity(mail=capacity.get("mail", 0), chat=capacity.get("chat", 0)),
    )
