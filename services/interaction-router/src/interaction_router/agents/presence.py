"""Presence belongs to the agent. What she chose wins; it lasts while her desk's line renews its lease."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from careline.ids import encode
from interaction_router.agents import repository
from interaction_router.agents.schemas import PresenceInput
from interaction_router.events import PresenceChanged
from interaction_router.unit import Unit

Cause = Literal["chosen", "missed_offer", "presence_lost", "deactivated"]


async def choose(unit: Unit, agent_id: UUID, body: PresenceInput, lease_seconds: float) -> None:
    """The agent says what she does; that she says so shows that she responds."""
    before = await repository.lock(unit.connection, agent_id)
    if before is not None and before["presence"] != "available" and body.status == "available":
        await repository.set_idle_since(unit.connection, agent_id, unit.now)
    version = await repository.set_presence(
        unit.connection,
        agent_id,
        body.status,
        unit.now,
        reason=body.reason,
        not_responding=False,
        lease_expires_at=unit.now + timedelta(seconds=lease_seconds),
    )
    _tell(unit, agent_id, body.status, version, not_responding=False, cause="chosen")
    unit.decide = True


async def missed_offer(unit: Unit, agent_id: UUID) -> None:
    """She let an offer pass: nothing more is offered until she says she is there. Her chosen status stays."""
    agent = await repository.lock(unit.connection, agent_id)
    if agent is None or agent["presence"] == "offline":
        return
    version = await repository.set_presence(
        unit.connection,
        agent_id,
        agent["presence"],
        unit.now,
        reason=agent["presence_reason"],
        not_responding=True,
        lease_expires_at=agent["lease_expires_at"],
    )
    _tell(unit, agent_id, agent["presence"], version, not_responding=True, cause="missed_offer")


async def go_offline(unit: Unit, agent_id: UUID, cause: Literal["presence_lost", "deactivated"]) -> None:
    """The agent is gone."""
    version = await repository.set_presence(
        unit.connection, agent_id, "offline", unit.now, reason=None, not_responding=False, lease_expires_at=None
    )
    _tell(unit, agent_id, "offline", version, not_responding=False, cause=cause)


async def got_work(unit: Unit, agent_id: UUID) -> None:
    """Idle time begins anew with each piece of work."""
    await repository.set_idle_since(unit.connection, agent_id, unit.now)


def _tell(unit: Unit, agent_id: UUID, status: str, version: int, *, not_responding: bool, cause: Cause) -> None:
    payload = PresenceChanged(
        agent_id=agent_id,
        status=status,
        not_responding=not_responding,
        cause=cause,
    )
    unit.say(payload, encode("per", agent_id), version)
    unit.touched_agents.add(agent_id)
