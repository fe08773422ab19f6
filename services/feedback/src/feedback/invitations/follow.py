"""What care and the router say of an invitation on its way: whether it reached the customer, and who replied."""

from typing import Any, Final

from careline.app import Service
from careline.consumer import Handler
from careline.database import WriteConnection, after_commit
from careline.events import Event
from careline.ids import decode
from careline.statements import execute
from careline.wakeups import Wakeup

PREFIX: Final = "inv_"
# What care.completed says of a question that did not reach the customer. Anything else, `unknown` too, may have.
NOT_REACHED: Final = frozenset({"failed", "bounced", "cancelled", "wrong_number"})

_REMEMBER = "INSERT INTO care_references (care_id, invitation_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_ASKED = "UPDATE invitations SET state = 'asked' WHERE id = $1 AND state = 'invited'"
# Whoever was never asked may be asked about another matter.
_NOT_ASKED = """
WITH ended AS (
    UPDATE invitations SET state = 'not_asked', not_asked_because = $2
    WHERE id = $1 AND state IN ('invited', 'asked') RETURNING id
)
DELETE FROM askings USING ended WHERE askings.invitation_id = ended.id
"""
_REPLIED = """
INSERT INTO mail_replies (message_id, care_id, interaction_id, received_at, next_try_at)
VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""


def handlers(service: Service, replied: Wakeup) -> dict[str, Handler]:
    """Event type → what it changes here. Care items that carry no invitation are passed over."""

    async def due(connection: WriteConnection, event: Event) -> None:
        invitation_id = _invitation(event.data)
        if invitation_id is not None:
            await execute(connection, _REMEMBER, decode("car", event.data["care_id"]), invitation_id)

    async def not_sent(connection: WriteConnection, event: Event) -> None:
        invitation_id = _invitation(event.data)
        if invitation_id is not None:
            await execute(connection, _NOT_ASKED, invitation_id, event.data.get("gate", "expired"))

    async def completed(connection: WriteConnection, event: Event) -> None:
        invitation_id = _invitation(event.data)
        if invitation_id is not None and event.data["outcome"] in NOT_REACHED:
            await execute(connection, _NOT_ASKED, invitation_id, event.data["outcome"])
        elif invitation_id is not None:
            await execute(connection, _ASKED, invitation_id)

    async def reply(connection: WriteConnection, event: Event) -> None:
        now = service.clock.now()
        interaction_id = event.data.get("interaction_id")
        await execute(
            connection,
            _REPLIED,
            decode("msg", event.data["message_id"]),
            decode("car", event.data["care_id"]),
            None if interaction_id is None else decode("int", interaction_id),
            event.occurred_at,
            now,
        )
        after_commit(connection, replied.set)

    return {
        "care.due": due,
        "care.suppressed": not_sent,
        "care.expired": not_sent,
        "care.completed": completed,
        "delivery.replied": reply,
    }


def _invitation(data: dict[str, Any]) -> Any:
    reference = data.get("reference")
    return decode("inv", reference) if isinstance(reference, str) and reference.startswith(PREFIX) else None
