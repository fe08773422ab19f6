"""What a service function needs beside its arguments: the transaction, the outbox, and business time."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from careline.app import Service, service_of
from careline.crash import crash_point
from careline.database import ReadConnection, ReadConnectionDep, Transaction, WriteConnectionDep
from careline.outbox import Outbox
from careline.statements import execute

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """One read. `now` is business time."""

    transaction: Transaction | ReadConnection
    now: datetime

    async def rows(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Run a statement and return its rows; columns are read by name, in either kind of transaction."""
        if isinstance(self.transaction, AsyncSession):
            connection = await self.transaction.connection()
            result = await connection.exec_driver_sql(sql, arguments)
            return cast("Sequence[Row]", result.mappings().all())
        return cast("Sequence[Row]", await self.transaction.fetch(sql, *arguments))

    async def row(self, sql: str, *arguments: Any) -> Row | None:
        """The first row of a statement, if there is any."""
        return next(iter(await self.rows(sql, *arguments)), None)


@dataclass(frozen=True, slots=True)
class Work(Look):
    """One write, of a request or of a consumed event: everything in it commits together.

    Events carry `real_now`, because who reads them turns it into business time again.
    """

    transaction: Transaction
    outbox: Outbox
    real_now: datetime

    async def execute(self, sql: str, *arguments: Any) -> None:
        """Run a statement whose rows nobody wants."""
        await execute(self.transaction, sql, *arguments)


def work_in(service: Service, transaction: Transaction) -> Work:
    """A write of this service in a transaction that somebody else commits."""
    return Work(
        transaction=transaction,
        now=service.business_clock.now(),
        outbox=service.outbox,
        real_now=service.clock.now(),
    )


@asynccontextmanager
async def begin(service: Service) -> AsyncIterator[Work]:
    """A write of its own, for a request that asks others before it: committed at the end, before the answer."""
    database = service.database
    async with database.at_the_edge(database.write_raw()) as connection:
        yield work_in(service, connection)
    crash_point("edge.after_commit")


async def _work(http: HTTPConnection, connection: WriteConnectionDep) -> Work:
    return work_in(service_of(http), connection)


async def _look(http: HTTPConnection, connection: ReadConnectionDep) -> Look:
    return Look(connection, service_of(http).business_clock.now())


WorkDep = Annotated[Work, Depends(_work)]
LookDep = Annotated[Look, Depends(_look)]
