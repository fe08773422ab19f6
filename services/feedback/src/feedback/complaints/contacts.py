"""Complaints from people whom nobody knows yet: the profile is asked who they are, so that care can answer them.

The profile is asked outside of any transaction, and again for as long as it is away.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from careline.app import Service
from feedback.complaints import handling, repository
from feedback.complaints.customers import ProfileAwayError, resolve
from feedback.complaints.ledger import Case
from feedback.complaints.states import State
from feedback.context import begin
from feedback.sampling.customers import ProfileClient

EVERY_SECONDS: Final = 1.0
BATCH: Final = 20
LEASE: Final = timedelta(seconds=30)
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
ACTOR: Final = "feedback"

_CLAIM: Final = """
UPDATE complaint_contacts w SET attempts = attempts + 1, next_try_at = $1::timestamptz + $3::interval
FROM complaints c
WHERE c.id = w.complaint_id AND w.complaint_id IN (
    SELECT complaint_id FROM complaint_contacts WHERE next_try_at <= $1
    ORDER BY next_try_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING w.complaint_id, w.attempts, c.contact
"""
_PUT_OFF: Final = "UPDATE complaint_contacts SET next_try_at = $2 WHERE complaint_id = $1"
_END: Final = "DELETE FROM complaint_contacts WHERE complaint_id = $1"


class Contacts:
    """Finds out whose complaints they are."""

    def __init__(self, service: Service, profile: ProfileClient) -> None:
        self._service = service
        self._profile = profile

    async def run(self) -> None:
        """Ask until nobody waits; whoever has to wait for the profile is asked about in a later round."""
        while await self.step():
            pass

    async def step(self) -> int:
        """Ask about some complaints; how many there were."""
        async with self._service.database.write_raw() as connection:
            claimed = await connection.fetch(_CLAIM, self._service.clock.now(), BATCH, LEASE)
        for waiting in claimed:
            try:
                customer_id = await resolve(self._profile, waiting["contact"])
            except ProfileAwayError:
                await self._put_off(waiting)
            else:
                await self._end(waiting["complaint_id"], customer_id)
        return len(claimed)

    async def _end(self, complaint_id: UUID, customer_id: UUID | None) -> None:
        async with begin(self._service) as work:
            row = await repository.lock(work, complaint_id)
            await work.execute(_END, complaint_id)
            # Somebody at work may have said meanwhile whose it is.
            if row is None or customer_id is None or row["customer_id"] is not None or row["state"] == State.CLOSED:
                return
            case = Case(work, row, ACTOR)
            handling.link_customer(case, customer_id)
            await case.save()

    async def _put_off(self, waiting: Any) -> None:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(waiting["attempts"], 12), LONGEST_PAUSE_SECONDS)
        until = self._service.clock.now() + timedelta(seconds=pause)
        async with self._service.database.write_raw() as connection:
            await connection.execute(_PUT_OFF, waiting["complaint_id"], until)
