"""The line of one visitor: everything that happens in her chat after the cursor, in order, once."""

import json
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

from careline.wakeups import Wakeup
from interaction_router.channels.chat import repository
from interaction_router.channels.chat.lines import Lines
from interaction_router.channels.chat.schemas import Place
from interaction_router.numbered import NumberedEvents
from interaction_router.sockets import HEARTBEAT_SECONDS, Line
from interaction_router.unit import Units

BATCH = 100


@dataclass
class ChatFeed:
    """One open line. The database is its buffer: a slow reader costs no memory."""

    units: Units
    lines: Lines
    line: Line
    chat_id: UUID
    place: Place | None = None
    typing: bool = False

    async def run(self, after: int | None) -> None:
        """Send events until the line ends."""
        with self.units.hub.watch(self.chat_id) as woken:
            cursor = await self._events.send_after(await self._events.begin(after))
            await self.line.send(json.dumps({"type": "ready", "cursor": cursor}))
            await self._follow(cursor, woken)

    async def _follow(self, cursor: int, woken: Wakeup) -> None:
        beat_at = monotonic() + HEARTBEAT_SECONDS
        while True:
            await self._show()
            # The pulse of this process wakes the line when there is something to send.
            await woken.wait(max(0.0, beat_at - monotonic()))
            cursor = await self._events.send_after(cursor)
            if monotonic() >= beat_at:
                await self.line.send('{"type":"heartbeat"}')
                beat_at = monotonic() + HEARTBEAT_SECONDS

    @property
    def _events(self) -> NumberedEvents:
        return NumberedEvents(
            self.units.database, self.line, self.chat_id, repository.feed_range, repository.events_after, BATCH
        )

    async def _show(self) -> None:
        """What has no number because only the newest counts: the place in the queue, and that the agent types."""
        place = self.lines.places.get(self.chat_id)
        if place != self.place:
            self.place = place
            if place is not None:
                await self.line.send(f'{{"type":"position.changed","data":{place.model_dump_json()}}}')
        typing = self.chat_id in self.lines.typing
        if typing != self.typing:
            self.typing = typing
            await self.line.send(json.dumps({"type": "agent.typing", "data": {"typing": typing}}))
