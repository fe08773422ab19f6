"""What happens to an agent's work when she is gone: it goes back, with its age kept, to somebody else."""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from interaction_router.agents import presence, repository
from interaction_router.desk.schemas import InteractionRemoved
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.states import ENGAGED, HELD_BY_AGENT, State
from interaction_router.offers import repository as offers
from interaction_router.offers import service
from interaction_router.unit import Unit


async def presence_lost(unit: Unit, agent_id: UUID) -> bool:
    """Her line has been away for too long; False if she has come back meanwhile."""
    work = await _lock_work(unit, agent_id, ENGAGED)
    agent = await repository.lock(unit.connection, agent_id)
    if agent is None or agent["lease_expires_at"] is None or agent["lease_expires_at"] > unit.now:
        return False
    await _give_back(unit, agent_id, work, ENGAGED, "presence_lost")
    await presence.go_offline(unit, agent_id, "presence_lost")
    return True


async def deactivated(unit: Unit, agent_id: UUID) -> None:
    """She does not work here any more: what she was finishing is finished by somebody else."""
    work = await _lock_work(unit, agent_id, HELD_BY_AGENT)
    await _give_back(unit, agent_id, work, HELD_BY_AGENT, "agent_deactivated")
    await presence.go_offline(unit, agent_id, "deactivated")


async def _lock_work(unit: Unit, agent_id: UUID, states: Collection[State]) -> list[UUID]:
    ids = [row["id"] for row in await interactions.held_or_offered(unit.connection, agent_id, states)]
    for interaction_id in ids:
        await interactions.lock(unit.connection, interaction_id)
    return ids


async def _give_back(
    unit: Unit,
    agent_id: UUID,
    work: list[UUID],
    states: Collection[State],
    cause: Literal["presence_lost", "agent_deactivated"],
) -> None:
    for interaction_id in work:
        row = await interactions.lock(unit.connection, interaction_id)
        if row is None:
            continue
        if row["state"] in states and row["agent_id"] == agent_id:
            await service.requeue(unit, row, agent_id, cause)
            removed = InteractionRemoved(id=interaction_id, cause=cause)
            unit.tell(agent_id, "interaction.removed", removed)
        elif row["state"] == State.OFFERED:
            offer = await offers.open_of(unit.connection, interaction_id)
            if offer is not None and offer["agent_id"] == agent_id:
                await service.end_open(unit, row, offer["id"], agent_id, cause, None)
