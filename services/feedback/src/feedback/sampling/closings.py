"""Closings become samples that wait for their decision; each closing once, whatever is repeated."""

from datetime import datetime
from uuid import UUID

from careline.app import Service
from careline.consumer import Handler
from careline.database import WriteConnection, after_commit
from careline.events import Event
from careline.ids import decode, new_id
from careline.statements import execute, fetch
from careline.wakeups import Wakeup
from feedback.sampling.repository import ADD

# A visit, or service on site that a partner reports: asked as such, not as a conversation.
VISIT_CHANNELS = frozenset({"in_person", "partner"})
# Our own work for a customer, not the customer's matter.
_OWN_CHANNELS = frozenset({"phone_task"})


def handlers(service: Service, waiting: Wakeup) -> dict[str, Handler]:
    """Event type → the sample that it begins."""

    async def interaction_closed(connection: WriteConnection, event: Event) -> None:
        if event.data["channel"] in _OWN_CHANNELS:
            return
        interaction_id = decode("int", event.data["interaction_id"])
        await begin(
            connection,
            reason="visit" if event.data["channel"] in VISIT_CHANNELS else "interaction",
            subject=event.data["interaction_id"],
            interaction_id=interaction_id,
            complaint_id=None,
            customer_id=_customer(event.data["customer_id"]),
            channel=event.data["channel"],
            disposition=event.data["disposition"],
            closed_at=service.business_clock.at(event.occurred_at),
            now=service.clock.now(),
        )
        after_commit(connection, waiting.set)

    async def complaint_closed(connection: WriteConnection, event: Event) -> None:
        complaint_id = decode("cmp", event.data["complaint_id"])
        found = await fetch(connection, "SELECT customer_id FROM complaints WHERE id = $1", complaint_id)
        await begin(
            connection,
            reason="complaint",
            subject=event.data["complaint_id"],
            interaction_id=None,
            complaint_id=complaint_id,
            customer_id=found[0][0] if found else None,
            channel="complaint",
            disposition=None,
            closed_at=service.business_clock.at(event.occurred_at),
            now=service.clock.now(),
        )
        after_commit(connection, waiting.set)

    return {"interaction.closed": interaction_closed, "complaint.closed": complaint_closed}


async def begin(
    connection: WriteConnection,
    *,
    reason: str,
    subject: str,
    interaction_id: UUID | None,
    complaint_id: UUID | None,
    customer_id: UUID | None,
    channel: str,
    disposition: str | None,
    closed_at: datetime,
    now: datetime,
) -> None:
    """Keep a closing for its decision; without a customer it is decided at once."""
    nobody = customer_id is None
    await execute(
        connection,
        ADD,
        new_id(),
        reason,
        subject,
        interaction_id,
        complaint_id,
        customer_id,
        channel,
        disposition,
        closed_at,
        None if nobody else now,
        "no_customer" if nobody else None,
        closed_at if nobody else None,
    )


def _customer(text: str | None) -> UUID | None:
    return None if text is None else decode("cus", text)
