"""Looks at the complaints of a run again and again while things break: each has an owner and a deadline, always."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from careline.ids import encode
from tests.faults.databases import Databases
from tests.faults.history import History

LOOK_SECONDS: Final = 0.5
MOST_KEPT: Final = 50

_OPEN = """
SELECT c.id, c.owner_id, p.state AS owner_state, c.next_deadline_at, c.state,
    (SELECT count(*) FROM handover_offers o WHERE o.complaint_id = c.id AND o.state = 'open') AS offers
FROM complaints c LEFT JOIN people p ON p.id = c.owner_id WHERE c.reference LIKE $1 || '-%'
"""


class Watch:
    """What was seen; `orphaned` is what should never be."""

    def __init__(self, databases: Databases, history: History) -> None:
        """Watch the complaints of one run."""
        self._databases = databases
        self._history = history
        self.looks = 0
        self.orphaned: list[str] = []

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look during the block."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                continue  # The database is what is broken now.

    async def look(self) -> None:
        """One look."""
        acknowledged = {operation.answer for operation in self._history.of("complaint", "ok")}
        rows = await self._databases.rows("feedback", _OPEN, self._history.tag)
        self.looks += 1
        there = {encode("cmp", row["id"]) for row in rows}
        found = [f"{each} is gone" for each in acknowledged - there]
        for row in rows:
            complaint_id = encode("cmp", row["id"])
            if row["owner_state"] != "active":
                found.append(f"{complaint_id} is owned by {row['owner_id']}, who is {row['owner_state']}")
            if row["next_deadline_at"] is None and row["state"] != "closed":
                found.append(f"{complaint_id} has no next deadline")
            if row["offers"] > 1:
                found.append(f"{complaint_id} is offered {row['offers']} times at once")
        if len(self.orphaned) < MOST_KEPT:
            self.orphaned += [f"at {time.strftime('%H:%M:%S')} {each}" for each in found]
