"""Reads from the databases what the checker compares with the history."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

from careline.ids import encode
from tests.faults.history import History, Kind
from tests.faults.observed import Effect, Emitted, Observed, Stored
from tests.faults.stand import Stand

EMITTERS = ("profile", "router", "directory")
DATABASES = (*EMITTERS, "witness")
QUERY_SECONDS = 20.0

_PURCHASES = """
SELECT external_id, id, customer_id, total_minor FROM purchases WHERE external_id LIKE $1 || '-%'
"""
_INTERACTIONS = """
SELECT split_part(m.external_id, ':', 2) AS name, i.id, i.subject, i.state, i.agent_id
FROM messages m JOIN interactions i ON i.id = m.interaction_id WHERE m.external_id LIKE '%:' || $1 || '-%'
"""
_PEOPLE = "SELECT login, id, name FROM people WHERE login LIKE $1 || '-%'"
_EMITTED = """
SELECT id, type, aggregatetype, aggregateid, sequence,
       coalesce(payload->'data'->>'purchase_id', payload->'data'->>'interaction_id', aggregateid) AS subject
FROM outbox_archive WHERE position > $1
"""
_EFFECTS = "SELECT event_id, type, aggregate, sequence FROM effects WHERE position > $1 ORDER BY position"
_TIMELINE = "SELECT id, facts->>'state' AS state FROM timeline_entries WHERE id = ANY($1::uuid[])"
_EFFECT_AFTER = "SELECT min(counted_at) FROM effects WHERE type = $1 AND happened_at > $2 AND counted_at > $2"


@dataclass(frozen=True)
class Marks:
    """How far everything had come when a run began."""

    archived: dict[str, int]
    effects: int


class Databases:
    """Connections to the databases of the stand, made anew for each question since the server may have died."""

    def __init__(self, stand: Stand) -> None:
        """Remember where they are."""
        self._stand = stand

    async def marks(self) -> Marks:
        """The present positions."""
        archived = {}
        for name in EMITTERS:
            archived[name] = await self._value(name, "SELECT coalesce(max(position), 0) FROM outbox_archive")
        return Marks(archived, await self._value("witness", "SELECT coalesce(max(position), 0) FROM effects"))

    async def at_rest(self) -> bool:
        """Whether every event so far has been sent and counted."""
        emitted = 0
        for name in EMITTERS:
            if await self._value(name, "SELECT count(*) FROM outbox"):
                return False
            emitted += await self._value(name, "SELECT count(*) FROM outbox_archive")
        return bool(await self._value("witness", "SELECT count(*) FROM effects") >= emitted)

    async def settled(self, history: History, marks: Marks) -> bool:
        """Whether nothing is on its way any more, as far as counting tells."""
        emitted = 0
        for name in EMITTERS:
            if await self._value(name, "SELECT count(*) FROM outbox"):
                return False
            emitted += await self._value(
                name, "SELECT count(*) FROM outbox_archive WHERE position > $1", marks.archived[name]
            )
        if await self._value("witness", "SELECT count(*) FROM effects WHERE position > $1", marks.effects) < emitted:
            return False
        rows = await self._rows("router", _INTERACTIONS, history.tag)
        if any(row["state"] != "closed" for row in rows):
            return False
        shown = await self._rows("profile", _TIMELINE, [row["id"] for row in rows])
        return len(shown) >= len(rows) and all(row["state"] == "closed" for row in shown)

    async def observe(self, history: History, marks: Marks) -> Observed:
        """Everything that the run has left behind."""
        interactions = await self._rows("router", _INTERACTIONS, history.tag)
        timeline = await self._rows("profile", _TIMELINE, [row["id"] for row in interactions])
        return Observed(
            stored=[
                *_stored("purchase", await self._rows("profile", _PURCHASES, history.tag)),
                *_stored("person", await self._rows("directory", _PEOPLE, history.tag)),
                *_stored("interaction", interactions),
                *_stored("closure", [row for row in interactions if row["state"] == "closed"]),
            ],
            emitted=[event for name in EMITTERS for event in await self._emitted(name, marks.archived[name])],
            effects=[
                Effect(str(row["event_id"]), row["type"], row["aggregate"], row["sequence"])
                for row in await self._rows("witness", _EFFECTS, marks.effects)
            ],
            timeline=[(encode("int", row["id"]), row["state"]) for row in timeline],
            interactions={encode("int", row["id"]): row["state"] for row in interactions},
            people_at_the_router={
                encode("per", row["id"]) for row in await self._rows("router", "SELECT id FROM agents")
            },
            unsent={name: await self._value(name, "SELECT count(*) FROM outbox") for name in DATABASES},
            parked={name: await self._value(name, "SELECT count(*) FROM parked_events") for name in DATABASES},
        )

    async def first_effect_after(self, moment: float, event_type: str) -> float | None:
        """When the witness first counted an event of this type that happened after `moment`."""
        since = datetime.fromtimestamp(moment, UTC)
        counted = await self._value("witness", _EFFECT_AFTER, event_type, since)
        return counted.timestamp() if counted else None

    async def decider_token(self) -> int | None:
        """The fencing token of the router's decider while somebody holds the lease."""
        found: int | None = await self._value(
            "router", "SELECT token FROM leases WHERE name = 'decider' AND expires_at > clock_timestamp()"
        )
        return found

    async def held_token(self) -> int:
        """The newest fencing token of the decider, whether its lease has ended or not."""
        newest: int = await self._value("router", "SELECT coalesce(max(token), 0) FROM leases WHERE name = 'decider'")
        return newest

    async def _emitted(self, name: str, position: int) -> list[Emitted]:
        return [
            Emitted(
                service=name,
                event_id=str(row["id"]),
                type=row["type"],
                aggregate=f"{row['aggregatetype']} {row['aggregateid']}",
                sequence=row["sequence"],
                subject=row["subject"],
            )
            for row in await self._rows(name, _EMITTED, position)
        ]

    async def _value(self, database: str, query: str, *arguments: Any) -> Any:
        async with self._connection(database) as connection:
            return await connection.fetchval(query, *arguments)

    async def _rows(self, database: str, query: str, *arguments: Any) -> Sequence[Any]:
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


def _stored(kind: Kind, rows: Sequence[Any]) -> list[Stored]:
    match kind:
        case "purchase":
            return [
                Stored(
                    kind,
                    row["external_id"],
                    encode("pur", row["id"]),
                    f"{encode('cus', row['customer_id'])} {row['total_minor']}",
                )
                for row in rows
            ]
        case "person":
            return [Stored(kind, row["login"], encode("per", row["id"]), row["name"]) for row in rows]
        case "interaction":
            return [Stored(kind, row["name"], encode("int", row["id"]), row["subject"]) for row in rows]
        case "closure":
            return [
                Stored(kind, encode("int", row["id"]), encode("int", row["id"]), encode("per", row["agent_id"]))
                for row in rows
            ]
