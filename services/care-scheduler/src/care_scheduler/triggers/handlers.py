"""What feedback's events ask of care: an invitation to a survey, notices about a complaint, and a question at its end.

Whether and how it is given is judged like any other care. An item is unique by its key, so an event that comes twice,
or the same thing told by two events, makes one.
"""

from datetime import datetime, timedelta
from uuid import UUID

from care_scheduler.calendars.wall_clock import moment, zone_named
from care_scheduler.items.cancelled import tell
from care_scheduler.occasions.model import Key
from care_scheduler.triggers import repository
from careline.clock import Clock
from careline.consumer import Handler
from careline.database import WriteConnection, after_commit
from careline.events import Event
from careline.ids import decode
from careline.outbox import Outbox
from careline.wakeups import Wakeup

# The question for the customer's word goes out at least so long before that word is due.
BEFORE_WORD_IS_DUE = timedelta(days=1)


class Triggers:
    """Turns events into items, and wakes whoever judges by `planned`. Times are business time."""

    def __init__(self, outbox: Outbox, *, real: Clock, business: Clock, default_zone: str, planned: Wakeup) -> None:
        self._outbox = outbox
        self._real = real
        self._clock = business
        self._default_zone = default_zone
        self._planned = planned

    def of_surveys(self) -> dict[str, Handler]:
        """What surveys ask of care, by event type."""
        return {"survey.invited": self.invited}

    def of_complaints(self) -> dict[str, Handler]:
        """What complaints ask of care, by event type."""
        return {
            "complaint.opened": self.opened,
            # Whose complaint it is may be found out later.
            "complaint.customer_linked": self.opened,
            "complaint.answered": self.answered,
            "complaint.customer_word": self.settled,
            "complaint.closed": self.settled,
        }

    async def invited(self, connection: WriteConnection, event: Event) -> None:
        """A customer is to be asked how it was."""
        invitation = event.data["invitation_id"]
        await self._add(
            connection,
            event,
            "follow_up",
            invitation,
            reference=invitation,
            due_at=datetime.fromisoformat(event.data["not_before"]),
            not_after=datetime.fromisoformat(event.data["not_after"]),
        )

    async def opened(self, connection: WriteConnection, event: Event) -> None:
        """A customer is told that we have their complaint."""
        complaint = event.data["complaint_id"]
        await self._add(connection, event, "complaint_acknowledged", f"{complaint}:acknowledged", reference=complaint)

    async def answered(self, connection: WriteConnection, event: Event) -> None:
        """A customer is told what we decided, and some days later asked whether it is solved."""
        complaint = event.data["complaint_id"]
        # A complaint may be reopened and answered once more: each answer is news.
        await self._add(
            connection, event, "complaint_answered", f"{complaint}:answered:{event.sequence}", reference=complaint
        )
        if event.data["customer_id"] is not None:
            due_at = await self._check_at(connection, event)
            key = f"{complaint}:check:{event.sequence}"
            await self._add(connection, event, "complaint_check", key, reference=complaint, due_at=due_at)

    async def settled(self, connection: WriteConnection, event: Event) -> None:
        """The customer has given their word: nobody needs to ask for it."""
        cancelled = await repository.cancel(connection, "complaint_check", event.data["complaint_id"])
        await tell(connection, self._outbox, cancelled, self._real.now())

    async def _add(
        self,
        connection: WriteConnection,
        event: Event,
        occasion: Key,
        key: str,
        *,
        reference: str,
        due_at: datetime | None = None,
        not_after: datetime | None = None,
    ) -> None:
        # Somebody whom we do not know as a customer is answered by the complaint's owner.
        if event.data["customer_id"] is None:
            return
        now = self._clock.now()
        added = await repository.add(
            connection,
            decode("cus", event.data["customer_id"]),
            occasion,
            key,
            reference,
            due_at=due_at or now,
            not_after=not_after,
            now=now,
        )
        if added:
            after_commit(connection, self._planned.set)

    async def _check_at(self, connection: WriteConnection, event: Event) -> datetime:
        customer_id: UUID = decode("cus", event.data["customer_id"])
        send_time, lead_days, name = await repository.send_rules(connection, "complaint_check", customer_id)
        zone = zone_named(name or self._default_zone)
        assert zone is not None  # noqa: S101 -- mirror and settings hold only zones that exist
        now = self._clock.now()
        usual = moment(zone, now.astimezone(zone).date() + timedelta(days=lead_days), send_time)
        latest = datetime.fromisoformat(event.data["word_by"]) - BEFORE_WORD_IS_DUE
        return max(now, min(usual, latest))
