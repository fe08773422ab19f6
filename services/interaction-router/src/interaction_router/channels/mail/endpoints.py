"""What an agent does about an answer that failed."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.ids import encode
from careline.problems import Conflict, NotFound, problem_responses
from interaction_router.channels.mail import repository
from interaction_router.desk.endpoints import SCOPE
from interaction_router.ids import InteractionId, MessageId
from interaction_router.interactions import messages, rows
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.access import visible
from interaction_router.interactions.schemas import Message
from interaction_router.unit import UnitDep

router = APIRouter(prefix="/v1/interactions", tags=["interactions"], responses=problem_responses(401, 403, 404))
Reader = Annotated[Principal, requires(SCOPE)]


class NotFailed(Conflict):
    """The answer is on its way or has arrived."""

    type_name = "not-failed"
    title = "The answer has not failed"


@router.post("/{interaction_id}/messages/{message_id}/resending", responses=problem_responses(409))
async def send_again(interaction_id: InteractionId, message_id: MessageId, principal: Reader, unit: UnitDep) -> Message:
    """Send an answer once more that has failed for good, or may have; also from a matter that is closed."""
    await visible(unit.connection, interaction_id, principal)
    await interactions.lock(unit.connection, interaction_id)
    again = await repository.send_again(unit.connection, message_id, interaction_id, unit.now)
    try:
        row = await messages.find(unit.connection, message_id)
    except LookupError:
        row = None
    if row is None or row["interaction_id"] != interaction_id:
        raise NotFound("message", encode("msg", message_id))
    if not again:
        raise NotFailed("Only an answer that has failed, and is not tried again by itself, can be sent again.")
    unit.changed.add(interaction_id)
    unit.new_messages.append(message_id)
    unit.mail_waits = True
    return rows.message(row)
