"""Taking an offer, or not."""

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import StringConstraints

from careline.problems import problem_responses
from interaction_router.desk.endpoints import KnownAgent
from interaction_router.ids import OfferId
from interaction_router.interactions import rows
from interaction_router.interactions.schemas import Input, Interaction
from interaction_router.offers import service
from interaction_router.unit import UnitDep

router = APIRouter(prefix="/v1/offers", tags=["desk"], responses=problem_responses(401, 403, 404, 409))


class RefusalInput(Input):
    """Why not."""

    reason: Annotated[str, StringConstraints(max_length=200)] | None = None


@router.post("/{offer_id}/acceptance")
async def accept_offer(offer_id: OfferId, agent_id: KnownAgent, unit: UnitDep) -> Interaction:
    """Take the work; 409 offer-gone if the offer is over."""
    interaction_id = await service.accept(unit, offer_id, agent_id)
    row = await rows.find_row(unit.connection, interaction_id)
    if row is None:
        raise LookupError(interaction_id)
    return rows.interaction(row, await rows.identifiers_of(unit.connection, interaction_id), agent_id)


@router.post("/{offer_id}/refusal", status_code=204, response_class=Response)
async def refuse_offer(
    offer_id: OfferId, agent_id: KnownAgent, unit: UnitDep, body: RefusalInput | None = None
) -> None:
    """Do not take the work; it goes to somebody else with its age kept."""
    await service.refuse(unit, offer_id, agent_id, body.reason if body else None)
