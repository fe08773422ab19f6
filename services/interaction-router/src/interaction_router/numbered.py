"""A line of numbered events: resumed after a cursor, or begun anew; in order, once. The database is its buffer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from careline.database import Database
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.sockets import Line

Range = Callable[[AnyConnection, UUID], Awaitable[tuple[int, int | None]]]
EventsAfter = Callable[[AnyConnection, UUID, int, int], Awaitable[list[Row]]]


@dataclass(frozen=True)
class NumberedEvents:
    """The events of one desk or one chat, and the open line that they go to."""

    database: Database
    line: Line
    watched: UUID
    feed_range: Range
    events_after: EventsAfter
    batch: int

    async def begin(self, after: int | None) -> int:
        """Where to begin: at the cursor if all after it is still kept, else anew after a reset."""
        async with self.database.read_raw() as connection:
            last, oldest = await self.feed_range(connection, self.watched)
        if after is None:
            return last
        if after == last or (oldest is not None and oldest - 1 <= after < last):
            return after
        await self.line.send('{"type":"reset"}')
        return last

    async def send_after(self, cursor: int) -> int:
        """Send everything after the cursor; the new cursor."""
        while True:
            async with self.database.read_raw() as connection:
                events = await self.events_after(connection, self.watched, cursor, self.batch)
            for event in events:
                await self.line.send(f'{{"seq":{event["seq"]},"type":"{event["type"]}","data":{event["data"]}}}')
                cursor = event["seq"]
            if len(events) < self.batch:
                return cursor
