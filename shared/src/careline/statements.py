"""Run a statement in whichever kind of transaction the caller has: an ORM session or a raw connection."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from careline.database import Transaction


async def execute(transaction: Transaction, sql: str, *arguments: Any) -> None:
    """Run `sql` with `$1`-style arguments."""
    if isinstance(transaction, AsyncSession):
        connection = await transaction.connection()
        await connection.exec_driver_sql(sql, arguments)
    else:
        await transaction.execute(sql, *arguments)


async def fetch(transaction: Transaction, sql: str, *arguments: Any) -> Sequence[Any]:
    """Run `sql` and return its rows; columns are read by position."""
    if isinstance(transaction, AsyncSession):
        connection = await transaction.connection()
        return (await connection.exec_driver_sql(sql, arguments)).all()
    return await transaction.fetch(sql, *arguments)
