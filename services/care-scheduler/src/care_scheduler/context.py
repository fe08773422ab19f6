"""What a service function needs beside its arguments: the transaction, the outbox, and business time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from careline.app import service_of
from careline.database import Transaction, WriteConnectionDep
from careline.outbox import Outbox
from careline.statements import execute

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Work:
    """One write, of a request or of a consumed event: everything in it commits together. `now` is business time."""

    transaction: Transaction
    outbox: Outbox
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

    async def execute(self, sql: str, *arguments: Any) -> None:
        """Run a statement whose rows nobody wants."""
        await execute(self.transaction, sql, *arguments)


async def _work(http: HTTPConnection, connection: WriteConnectionDep) -> Work:
    service = service_of(http)
    return Work(connection, service.outbox, service.business_clock.now())


WorkDep = Annotated[Work, Depends(_work)]
