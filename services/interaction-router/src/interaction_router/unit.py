"""One unit of work of the router: a transaction, and what is to be told once it is over.

Whoever changes an interaction says so here. At the end, still inside the transaction, the desks that it concerns
get its new state as numbered feed events; the numbers are taken under the agent's row lock, agents in the order of
their ids, interactions having been locked before: so no two units can wait for one another in a ring.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from careline.clock import Clock
from careline.crash import crash_point
from careline.database import Database, WriteConnection, after_commit
from careline.events import EventPayload
from careline.ids import encode
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from interaction_router.channels.chat import events as chat_events
from interaction_router.desk import events as desk_events
from interaction_router.desk.hub import Hub


@dataclass
class Unit:
    """A transaction and its consequences."""

    connection: WriteConnection
    outbox: Outbox
    now: datetime
    told: list[desk_events.Told] = field(default_factory=list)
    changed: set[UUID] = field(default_factory=set)
    new_messages: list[UUID] = field(default_factory=list)
    touched_agents: set[UUID] = field(default_factory=set)
    decide: bool = False
    mail_waits: bool = False

    async def emit(self, payload: EventPayload, interaction_id: UUID, version: int) -> None:
        """Say on Kafka what happened to an interaction as its change number `version`."""
        await self.outbox.append(
            self.connection,
            payload,
            aggregate_id=encode("int", interaction_id),
            sequence=version,
            occurred_at=self.now,
        )

    def tell(self, agent_id: UUID, kind: str, data: BaseModel) -> None:
        """Put a feed event on an agent's desk."""
        self.told.append(desk_events.Told(agent_id, kind, data.model_dump_json()))


@dataclass
class Units:
    """Opens units of work."""

    database: Database
    outbox: Outbox
    clock: Clock
    hub: Hub
    routing: Wakeup
    mail: Wakeup

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Unit]:
        """One unit: committed at the end, rolled back on any exception."""
        async with self.database.write_raw() as connection:
            unit = Unit(connection, self.outbox, self.clock.now())
            yield unit
            await self._finish(unit)
        crash_point("unit.after_commit")

    async def _finish(self, unit: Unit) -> None:
        await desk_events.write(unit)
        await chat_events.write(unit)
        agents = {told.agent_id for told in unit.told}
        interactions = set(unit.changed)
        if unit.decide:
            await unit.connection.execute("INSERT INTO routing_signals DEFAULT VALUES")
            after_commit(unit.connection, self.routing.set)
        if unit.mail_waits:
            after_commit(unit.connection, self.mail.set)
        after_commit(unit.connection, lambda: self.hub.notify(agents, interactions))


def units_of(connection: HTTPConnection) -> Units:
    """The units of the running router."""
    return cast("Units", connection.state.units)


async def _unit(connection: HTTPConnection) -> AsyncIterator[Unit]:
    async with units_of(connection).begin() as unit:
        yield unit


UnitDep = Annotated[Unit, Depends(_unit, scope="function")]
