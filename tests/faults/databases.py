"""Connections to the databases of the stand, and the short questions that are asked while things break."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from tests.faults.callers import DEPARTMENTS
from tests.faults.stand import Stand

EMITTERS = ("profile", "router", "directory", "care", "feedback")
DATABASES = (*EMITTERS, "witness")
QUERY_SECONDS = 20.0

_EFFECT_AFTER = "SELECT min(counted_at) FROM effects WHERE type = $1 AND happened_at > $2 AND counted_at > $2"
_HEADS = """
SELECT count(*) FROM departments d JOIN people p ON p.id = d.head_id AND p.department_id = d.id WHERE p.state = 'active'
"""


@dataclass(frozen=True)
class Marks:
    """How far everything had come when a run began."""

    archived: dict[str, int]
    effects: int


class Databases:
    """Connections are made anew for each question, since the server may have died."""

    def __init__(self, stand: Stand) -> None:
        """Remember where they are."""
        self._stand = stand

    async def marks(self) -> Marks:
        """The present positions."""
        archived = {}
        for name in EMITTERS:
            archived[name] = await self.value(name, "SELECT coalesce(max(position), 0) FROM outbox_archive")
        return Marks(archived, await self.value("witness", "SELECT coalesce(max(position), 0) FROM effects"))

    async def at_rest(self) -> bool:
        """Whether every event so far has been sent and counted."""
        return await self.counted_since(Marks(dict.fromkeys(EMITTERS, 0), 0))

    async def counted_since(self, marks: Marks) -> bool:
        """Whether every event since then has been sent and counted."""
        emitted = 0
        for name in EMITTERS:
            if await self.value(name, "SELECT count(*) FROM outbox"):
                return False
            archived = "SELECT count(*) FROM outbox_archive WHERE position > $1"
            emitted += await self.value(name, archived, marks.archived[name])
        counted = await self.value("witness", "SELECT count(*) FROM effects WHERE position > $1", marks.effects)
        return bool(counted >= emitted)

    async def first_effect_after(self, moment: float, event_type: str) -> float | None:
        """When the witness first counted an event of this type that happened after `moment`."""
        since = datetime.fromtimestamp(moment, UTC)
        counted = await self.value("witness", _EFFECT_AFTER, event_type, since)
        return counted.timestamp() if counted else None

    async def feedback_knows_people(self) -> bool:
        """Whether feedback has heard of all departments and their heads."""
        return bool(await self.value("feedback", _HEADS) == len(DEPARTMENTS))

    async def decider_token(self) -> int | None:
        """The fencing token of the router's decider while somebody holds the lease."""
        found: int | None = await self.value(
            "router", "SELECT token FROM leases WHERE name = 'decider' AND expires_at > clock_timestamp()"
        )
        return found

    async def held_token(self) -> int:
        """The newest fencing token of the decider, whether its lease has ended or not."""
        newest: int = await self.value("router", "SELECT coalesce(max(token), 0) FROM leases WHERE name = 'decider'")
        return newest

    async def value(self, database: str, query: str, *arguments: Any) -> Any:
        """The first column of the first row."""
        async with self._connection(database) as connection:
            return await connection.fetchval(query, *arguments)

    async def rows(self, database: str, query: str, *arguments: Any) -> Sequence[Any]:
        """All rows."""
        async with self._connection(database) as connection:
            return await connection.fetch(query, *arguments)

    @asynccontextmanager
    async def _connection(self, database: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        async with asyncio.timeout(QUERY_SECONDS):
            connection = await asyncpg.connect(self._stand.database(database), ssl=False)
            try:
                yield connection
            finally:
                await connection.close(timeout=2)
