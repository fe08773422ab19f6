"""The life of an offer: made, then accepted, refused, missed or taken back. It ends once, whatever races."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from interaction_router.agents import presence
from interaction_router.desk.schemas import OfferRemoved
from interaction_router.events import Accepted, Offered, Requeued
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.rows import Row
from interaction_router.interactions.states import Cause, State, check_transition
from interaction_router.offers import repository
from interaction_router.offers.repository import NewOffer
from interaction_router.unit import Unit

Ending = Literal["declined", "timed_out", "presence_lost", "agent_deactivated", "customer_wrote"]


async def make(unit: Unit, offers: Sequence[NewOffer], decision_id: UUID) -> int:
    """Offer waiting work to agents, claiming their capacity; how many were still there to be offered and asked."""
    check_transition(State.QUEUED, State.OFFERED, Cause.ROUTED)
    versions = await repository.make(unit.connection, offers, decision_id, unit.now)
    for each in offers:
        if each.interaction_id not in versions:
            continue
        await unit.emit(
            Offered(
                interaction_id=each.interaction_id,
                offer_id=each.id,
                agent_id=each.agent_id,
                decision_id=decision_id,
                expires_at=each.expires_at,
            ),
            each.interaction_id,
            versions[each.interaction_id],
        )
        unit.changed.add(each.interaction_id)
    return len(versions)


async def accept(unit: Unit, offer_id: UUID, agent_id: UUID) -> UUID:
    """The agent takes it: compare and set, so that of two clicks one wins."""
    work = await _lock(unit, offer_id, agent_id)
    if not await repository.end(unit.connection, offer_id, "accepted", unit.now, before=unit.now):
        raise repository.OfferGone("The offer has expired or was taken back.", offer_id=offer_id)
    moved = await interactions.enter_state(
        unit.connection, work, State.ACTIVE, Cause.ACCEPTED, unit.now, agent_id=agent_id
    )
    await unit.emit(
        Accepted(
            interaction_id=work["id"],
            offer_id=offer_id,
            agent_id=agent_id,
            waited_seconds=_seconds(work["waiting_since"], unit.now),
        ),
        work["id"],
        moved["version"],
    )
    unit.tell(agent_id, "offer.removed", OfferRemoved(id=offer_id, interaction_id=work["id"], cause="accepted"))
    unit.changed.add(work["id"])
    await presence.got_work(unit, agent_id)
    interaction_id: UUID = work["id"]
    return interaction_id


async def refuse(unit: Unit, offer_id: UUID, agent_id: UUID, reason: str | None) -> None:
    """The agent does not take it; it goes to somebody else with its age kept."""
    work = await _lock(unit, offer_id, agent_id)
    if not await end_open(unit, work, offer_id, agent_id, "declined", reason):
        raise repository.OfferGone("The offer has expired or was taken back.", offer_id=offer_id)


async def expire(unit: Unit, offer_id: UUID) -> bool:
    """Nobody answered in time: back to the queue, and the agent gets nothing more until she says she is there."""
    found = await repository.find(unit.connection, offer_id)
    if found is None:
        return False
    work = await interactions.lock(unit.connection, found["interaction_id"])
    still_due = await repository.is_due(unit.connection, offer_id, unit.now)
    if work is None or not still_due:
        return False
    ended = await end_open(unit, work, offer_id, found["agent_id"], "timed_out", None)
    if ended:
        await presence.missed_offer(unit, found["agent_id"])
    return ended


async def end_open(unit: Unit, work: Row, offer_id: UUID, agent_id: UUID, ending: Ending, reason: str | None) -> bool:
    """End an open offer of locked work and requeue the work; False if it has ended already."""
    state = "rescinded" if ending in {"presence_lost", "agent_deactivated"} else ending
    if not await repository.end(unit.connection, offer_id, state, unit.now, reason=reason):
        return False
    unit.tell(agent_id, "offer.removed", OfferRemoved(id=offer_id, interaction_id=work["id"], cause=ending))
    await requeue(unit, work, agent_id, ending)
    return True


async def requeue(unit: Unit, work: Row, agent_id: UUID, ending: Ending) -> None:
    """Put locked work back into its queue, free the capacity, and let it be decided on anew."""
    await interactions.release_capacity(unit.connection, work["id"])
    moved = await interactions.enter_state(unit.connection, work, State.QUEUED, Cause(ending), unit.now)
    await unit.emit(Requeued(interaction_id=work["id"], cause=ending, agent_id=agent_id), work["id"], moved["version"])
    unit.changed.add(work["id"])
    unit.decide = True


async def rescind(unit: Unit, work: Row, cause: str) -> None:
    """Take the open offer of locked work back, because the customer left."""
    found = await repository.open_of(unit.connection, work["id"])
    if found is not None and await repository.end(unit.connection, found["id"], "rescinded", unit.now):
        removed = OfferRemoved(id=found["id"], interaction_id=work["id"], cause=cause)
        unit.tell(found["agent_id"], "offer.removed", removed)


async def _lock(unit: Unit, offer_id: UUID, agent_id: UUID) -> Row:
    found = await repository.find(unit.connection, offer_id)
    if found is None or found["agent_id"] != agent_id:
        raise repository.unknown(offer_id)
    work = await interactions.lock(unit.connection, found["interaction_id"])
    if work is None:
        raise repository.unknown(offer_id)
    return work


def _seconds(since: datetime, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
