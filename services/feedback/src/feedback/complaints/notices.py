"""What care and the router say of our notices to complainants: that they arrived, that they did not, who replied."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from uuid import UUID

from careline.app import Service
from careline.consumer import Handler
from careline.database import WriteConnection, after_commit
from careline.events import Event
from careline.ids import decode
from careline.wakeups import Wakeup
from feedback.complaints import handling, repository
from feedback.complaints.ledger import Case
from feedback.complaints.states import OWING, State
from feedback.context import Work, work_in

PREFIX: Final = "cmp_"
ACTOR: Final = "care"
ACKNOWLEDGED: Final = "complaint_acknowledged"
# What care.completed says of a notice that the customer has: a mail that was taken, a person who was spoken to.
REACHED: Final = frozenset({"sent", "reached"})

_REMEMBER: Final = """
INSERT INTO complaint_notices (care_id, complaint_id, occasion) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
"""
_NOTICE: Final = "SELECT complaint_id, occasion FROM complaint_notices WHERE care_id = $1"
_REPLIED: Final = """
INSERT INTO complaint_replies (message_id, complaint_id, reopened_count, received_at, next_try_at)
VALUES ($1, $2, $3, $4, $4) ON CONFLICT DO NOTHING
"""


def handlers(service: Service, replied: Wakeup) -> dict[str, Handler]:
    """Event type → what it changes here. Care that is not about a complaint is passed over."""

    def within(what: Callable[[Work, Event], Awaitable[None]]) -> Handler:
        async def handle(connection: WriteConnection, event: Event) -> None:
            await what(work_in(service, connection), event)

        return handle

    async def reply(connection: WriteConnection, event: Event) -> None:
        if await _reply(work_in(service, connection), event):
            after_commit(connection, replied.set)

    return {
        "care.due": within(_due),
        "care.suppressed": within(_not_sent),
        "care.expired": within(_not_sent),
        "care.completed": within(_completed),
        "delivery.replied": reply,
    }


async def _due(work: Work, event: Event) -> None:
    complaint_id = _complaint(event.data)
    if complaint_id is not None:
        await work.execute(_REMEMBER, decode("car", event.data["care_id"]), complaint_id, event.data["occasion"])


async def _completed(work: Work, event: Event) -> None:
    case = await _case(work, event)
    if case is None:
        return
    outcome = event.data["outcome"]
    waits = case.row["acknowledged_at"] is None and case.row["state"] in OWING
    if waits and outcome in REACHED and event.data["occasion"] == ACKNOWLEDGED:
        await handling.acknowledge(case, "care")
    case.tell("notice_sent" if outcome in REACHED else "notice_failed", _facts(event, outcome=outcome))
    await case.save()


async def _not_sent(work: Work, event: Event) -> None:
    """Nobody was written to; the owner, who is warned in time, has to call."""
    case = await _case(work, event)
    if case is not None:
        case.tell("notice_not_sent", _facts(event, because=event.data.get("gate", "expired")))
        await case.save()


async def _reply(work: Work, event: Event) -> bool:
    """Note that the customer replied; whether the text may hold the customer's word."""
    notice = await work.row(_NOTICE, decode("car", event.data["care_id"]))
    if notice is None:
        return False
    row = await repository.lock(work, notice["complaint_id"])
    if row is None:
        return False
    case = Case(work, row, "customer")
    case.tell("customer_replied", {"interaction_id": event.data.get("interaction_id"), "to": notice["occasion"]})
    await case.save()
    if row["state"] not in {State.ANSWERED, State.CLOSED}:
        return False
    await work.execute(
        _REPLIED, decode("msg", event.data["message_id"]), row["id"], row["reopened_count"], work.real_now
    )
    return True


async def _case(work: Work, event: Event) -> Case | None:
    complaint_id = _complaint(event.data)
    row = await repository.lock(work, complaint_id) if complaint_id else None
    return Case(work, row, ACTOR) if row else None


def _facts(event: Event, **more: Any) -> dict[str, Any]:
    return {"care_id": event.data["care_id"], "occasion": event.data["occasion"], **more}


def _complaint(data: dict[str, Any]) -> UUID | None:
    reference = data.get("reference")
    return decode("cmp", reference) if isinstance(reference, str) and reference.startswith(PREFIX) else None
