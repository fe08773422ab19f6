"""One unit of work of the router: a transaction, and what is to be told once it is over.

Whoever changes an interaction says so here. At the end, still inside the transaction, the desks and chats that it
concerns get its new state as numbered feed events; the numbers are taken under the agent's row lock, agents in the
order of their ids, interactions having been locked before: so no two units can wait for one another in a ring.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from careline.business_time import BusinessClock
from careline.clock import Clock
from careline.crash import crash_point
from careline.database import Database, WriteConnection, after_commit
from careline.events import EventPayload
from careline.ids import encode
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from interaction_router.desk.hub import Hub
from interaction_router.interactions import rows

# One round trip for all events and the signal: the loop that decides shares its time with every request. In the order
# given, whoever plans the statement: positions say in which order the events of one key leave.
_KEEP = """
WITH said AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
    SELECT id, aggregatetype, aggregateid, type, sequence, payload, occurred_at
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[], $7::timestamptz[])
        WITH ORDINALITY AS given (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, place)
    ORDER BY place
)
INSERT INTO routing_signals SELECT WHERE $8
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One feed event for one desk."""

    agent_id: UUID
    type: str
    data: str


@dataclass(frozen=True, slots=True)
class Said:
    """One event for Kafka."""

    payload: EventPayload
    aggregate_id: str
    sequence: int


@dataclass
class Unit:
    """A transaction and its consequences."""

    connection: WriteConnection
    outbox: Outbox
    now: datetime
    business_now: datetime
    told: list[Told] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    new_messages: list[UUID] = field(default_factory=list)
    touched_agents: set[UUID] = field(default_factory=set)
    decide: bool = False
    mail_waits: bool = False

    async def emit(self, payload: EventPayload, interaction_id: UUID, version: int) -> None:
        """Say on Kafka what happened to an interaction as its change number `version`."""
        self.say(payload, encode("int", interaction_id), version)

    def say(self, payload: EventPayload, aggregate_id: str, sequence: int) -> None:
        """Say on Kafka what happened to any aggregate; kept with the unit's other events when it ends."""
        self.said.append(Said(payload, aggregate_id, sequence))

    def tell(self, agent_id: UUID, kind: str, data: BaseModel) -> None:
        """Put a feed event on an agent's desk."""
        self.told.append(Told(agent_id, kind, data.model_dump_json()))


Tell = Callable[[Unit, Sequence[rows.Row]], Awaitable[None]]
"""Tells somebody about the interactions that a unit has changed; it gets their new state."""


@dataclass
class Units:
    """Opens units of work. `tellers` run at the end of each, in this order."""

    database: Database
    outbox: Outbox
    clock: Clock
    hub: Hub
    routing: Wakeup
    mail: Wakeup
    business_clock: BusinessClock
    tellers: tuple[Tell, ...]

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Unit]:
        """One unit: committed at the end, rolled back on any exception."""
        async with self.database.write_raw() as connection:
            unit = Unit(connection, self.outbox, self.clock.now(), self.business_clock.now())
            yield unit
            await self._finish(unit)
        crash_point("unit.after_commit")

    async def _finish(self, unit: Unit) -> None:
        changed = await rows.find_rows(unit.connection, list(unit.changed)) if unit.changed else []
        for tell in self.tellers:
            await tell(unit, changed)
        await self._keep(unit)
        agents = {told.agent_id for told in unit.told}
        interactions = set(unit.changed)
        if unit.decide:
            after_commit(unit.connection, self.routing.set)
        if unit.mail_waits:
            after_commit(unit.connection, self.mail.set)
        after_commit(unit.connection, lambda: self.hub.notify(agents, interactions))

    async def _keep(self, unit: Unit) -> None:
        if not unit.said and not unit.decide:
            return
        items = [self.outbox.row(each.payload, each.aggregate_id, each.sequence, unit.now) for each in unit.said]
        columns = [list(column) for column in zip(*items, strict=True)] or [[]] * 7
        await unit.connection.execute(_KEEP, *columns, unit.decide)
        if unit.said:
            after_commit(unit.connection, self.outbox.appended.set)


def units_of(connection: HTTPConnection) -> Units:
    """The units of the running router."""
    return cast("Units", connection.state.units)


async def _unit(connection: HTTPConnection) -> AsyncIterator[Unit]:
    async with units_of(connection).begin() as unit:
        yield unit


UnitDep = Annotated[Unit, Depends(_unit, scope="function")]
