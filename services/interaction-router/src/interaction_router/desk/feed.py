"""The line of one desk: everything that happens after the cursor, in order, once."""

import json
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from careline.wakeups import Wakeup
from interaction_router.desk import repository
from interaction_router.desk.schemas import Counts
from interaction_router.numbered import NumberedEvents
from interaction_router.sockets import HEARTBEAT_SECONDS, Line
from interaction_router.unit import Units

BATCH = 200
# As often as the pulse counts.
LOOK_SECONDS = 2.0
ASK_ANYWAY_SECONDS = 5.0


@dataclass
class DeskFeed:
    """One open line of an agent. The database is its buffer: a slow reader costs no memory."""

    units: Units
    line: Line
    agent_id: UUID
    counts: Counts | None = None
    beaten_at: float = 0.0

    async def run(self, after: int | None) -> None:
        """Send events until the line ends."""
        with self.units.hub.watch(self.agent_id) as woken:
            cursor = await self._events.begin(after)
            cursor = await self._events.send_after(cursor)
            await self.line.send(json.dumps({"type": "ready", "cursor": cursor}))
            self.beaten_at = monotonic()
            await self._follow(cursor, woken)

    async def _follow(self, cursor: int, woken: Wakeup) -> None:
        asked_at = monotonic()
        while True:
            # The hub and the pulse wake the line for all that is its own; asking anyway is a net below them.
            if await woken.wait(LOOK_SECONDS) or monotonic() - asked_at > ASK_ANYWAY_SECONDS:
                cursor = await self._events.send_after(cursor)
                asked_at = monotonic()
            await self._send_counts()
            if monotonic() - self.beaten_at >= HEARTBEAT_SECONDS:
                await self.line.send('{"type":"heartbeat"}')
                self.beaten_at = monotonic()

    @property
    def _events(self) -> NumberedEvents:
        return NumberedEvents(
            self.units.database, self.line, self.agent_id, repository.feed_range, repository.events_after, BATCH
        )

    async def _send_counts(self) -> None:
        counts = self.units.hub.counts.get(self.agent_id)
        if counts is not None and counts != self.counts:
            await self.line.send(f'{{"type":"counts","data":{counts.model_dump_json()}}}')
            self.counts = counts
