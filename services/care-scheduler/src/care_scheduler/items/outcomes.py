"""What became of care that was given out, as the router tells it; and what complaints and consents forbid or allow."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from care_scheduler.events import CareCompleted, CareExpired
from care_scheduler.gates import repository as gates
from care_scheduler.unsubscribes import repository as unsubscribes
from careline.clock import Clock
from careline.consumer import Handler, ManyHandler
from careline.database import WriteConnection
from careline.events import Event, EventPayload
from careline.ids import decode, encode
from careline.outbox import Outbox
from careline.statements import execute, fetch

# From which states an outcome leads on; what is final stays, whatever arrives late.
FROM: Final[dict[str, list[str]]] = {
    "sent": ["due", "unknown"],
    "unknown": ["due"],
    "failed": ["due", "unknown", "sent"],
    "cancelled": ["due"],
    "expired": ["due"],
    "done": ["due", "sent", "done"],
}
# What care and the router call it.
EXPIRED: Final = frozenset({"expiry", "expired"})

# One statement, because thousands of these arrive at once: the item moves on, its texts are forgotten, and its contact
# counts from when it took place, or not at all.
_MOVE = """
WITH moved AS (
    UPDATE care_items
    SET state = $2, outcome = $3, gate = coalesce($4, gate), verdicts = verdicts || $5::jsonb, version = version + 1
    WHERE id = ANY($1::uuid[]) AND state = ANY($6::text[])
    RETURNING id, customer_id, occasion, reference, version
), forgotten AS (
    DELETE FROM care_contents USING moved WHERE care_id = moved.id AND $7
), counted AS (
    UPDATE contacts SET at = $8 FROM moved WHERE care_id = moved.id AND $2 = 'sent'
), uncounted AS (
    DELETE FROM contacts USING moved WHERE care_id = moved.id AND $2 IN ('failed', 'cancelled', 'expired')
)
SELECT id, customer_id, occasion, reference, version FROM moved
"""
_NOTE = "UPDATE care_items SET outcome = $2 WHERE id = $1"


def deliveries(outbox: Outbox, clock: Clock, business_clock: Clock) -> dict[str, Handler]:
    """Handlers of the router's deliveries."""
    outcomes = _Outcomes(outbox, clock, business_clock)
    return {
        "delivery.unknown": outcomes.unknown,
        "delivery.failed": outcomes.failed,
        "delivery.bounced": outcomes.bounced,
        "delivery.cancelled": outcomes.cancelled,
        "delivery.completed": outcomes.completed,
        "delivery.replied": outcomes.replied,
    }


def floods(outbox: Outbox, clock: Clock, business_clock: Clock) -> dict[str, ManyHandler]:
    """Handlers of what comes ten thousand times in a row on the day of a festival."""
    return {"delivery.sent": _Outcomes(outbox, clock, business_clock).sent}


class _Outcomes:
    """One method for each of the router's events."""

    def __init__(self, outbox: Outbox, clock: Clock, business_clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._business_clock = business_clock

    async def sent(self, connection: WriteConnection, events: Sequence[Event]) -> None:
        await self._move_all(connection, [_care_id(event) for event in events], "sent", "sent")

    async def unknown(self, connection: WriteConnection, event: Event) -> None:
        # A notice whose answer was lost is sent once more, so its text is still wanted.
        await self._move(connection, event, "unknown", "unknown", forget=event.data["final"])

    async def failed(self, connection: WriteConnection, event: Event) -> None:
        await self._move(connection, event, "failed", str(event.data.get("reason") or "failed"))

    async def bounced(self, connection: WriteConnection, event: Event) -> None:
        await self._move(connection, event, "failed", "bounced")

    async def cancelled(self, connection: WriteConnection, event: Event) -> None:
        gate = str(event.data["gate"])
        state = "expired" if gate in EXPIRED else "cancelled"
        await self._move(connection, event, state, state, gate)

    async def completed(self, connection: WriteConnection, event: Event) -> None:
        await self._move(connection, event, "done", str(event.data["outcome"]))

    async def replied(self, connection: WriteConnection, event: Event) -> None:
        await execute(connection, _NOTE, _care_id(event), "replied")

    async def _move(
        self,
        connection: WriteConnection,
        event: Event,
        state: str,
        outcome: str,
        gate: str | None = None,
        *,
        forget: bool = True,
    ) -> None:
        await self._move_all(connection, [_care_id(event)], state, outcome, gate, forget=forget)

    async def _move_all(
        self,
        connection: WriteConnection,
        care_ids: Sequence[UUID],
        state: str,
        outcome: str,
        gate: str | None = None,
        *,
        forget: bool = True,
    ) -> None:
        now = self._business_clock.now()
        told = _told(state, gate, now)
        rows = await fetch(connection, _MOVE, care_ids, state, outcome, gate, told, FROM[state], forget, now)
        events: list[tuple[EventPayload, str, int, datetime]] = []
        for care_id, customer_id, occasion, reference, version in rows:
            named: dict[str, Any] = {
                "care_id": care_id,
                "customer_id": customer_id,
                "occasion": occasion,
                "reference": reference,
            }
            payload = CareExpired(**named) if state == "expired" else CareCompleted(**named, outcome=outcome)
            events.append((payload, encode("car", care_id), version, self._clock.now()))
        await self._outbox.append_many(connection, events)


def complaints() -> dict[str, Handler]:
    """Handlers of complaints: while one is open, nobody is greeted."""

    async def opened(connection: WriteConnection, event: Event) -> None:
        if event.data.get("customer_id") is not None:
            customer_id = decode("cus", event.data["customer_id"])
            await gates.complaint_opened(connection, _complaint_id(event), customer_id)

    async def closed(connection: WriteConnection, event: Event) -> None:
        await gates.complaint_settled(connection, _complaint_id(event), is_open=False)

    async def reopened(connection: WriteConnection, event: Event) -> None:
        await gates.complaint_settled(connection, _complaint_id(event), is_open=True)

    return {
        "complaint.opened": opened,
        # Whose complaint it is may be found out later.
        "complaint.customer_linked": opened,
        "complaint.closed": closed,
        "complaint.reopened": reopened,
    }


def consents() -> dict[str, Handler]:
    """Handlers of consents: a yes that is later than the no lifts it; a no is the profile's to keep."""

    async def changed(connection: WriteConnection, event: Event) -> None:
        data = event.data
        if data["state"] == "granted":
            customer_id = decode("cus", data["customer_id"])
            await unsubscribes.lift(connection, customer_id, data["purpose"], data["channel"], event.occurred_at)

    return {"customer.consent_changed": changed}


def _told(state: str, gate: str | None, now: datetime) -> str:
    if gate is None:
        return "[]"
    verdict = {"gate": gate, "verdict": "no", "reason": "at_sending", "facts": {}}
    return json.dumps([{"at": now.isoformat(), "when": "sending", "outcome": state, "gates": [verdict]}])


def _care_id(event: Event) -> UUID:
    return decode("car", event.data["care_id"])


def _complaint_id(event: Event) -> UUID:
    return decode("cmp", event.data["complaint_id"])
