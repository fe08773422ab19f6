"""The database of a service: one engine for the ORM, one pool for the hot paths, and the edge that commits.

A request or a message is one transaction. Services and repositories never commit; the edge does, once, *before*
the answer leaves: FastAPI runs the exit part of a dependency after the response unless its scope is "function",
and a client would then hold a 201 for a write that failed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, NewType, cast

import asyncpg
from fastapi import Depends
from sqlalchemy import MetaData, event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from starlette.requests import HTTPConnection

from careline.controls import Handle, committed_after_answer
from careline.crash import crash_point
from careline.settings import ServiceSettings

if TYPE_CHECKING:
    BaseConnection = asyncpg.Connection[asyncpg.Record]
else:
    BaseConnection = asyncpg.Connection

COMMAND_TIMEOUT_SECONDS = 15
CONNECT_TIMEOUT_SECONDS = 5
PROBE_SECONDS = 3
STATEMENTS_KEPT = 500
LOCK_TIMEOUT = "5s"
# A process that is frozen within a transaction keeps its locks, the lease's row among them, until the server ends it.
IDLE_TRANSACTION_TIMEOUT = "4s"

AfterCommit = Callable[[], None]


class Connection(BaseConnection):
    """An asyncpg connection that remembers what to do once its transaction has committed."""

    __slots__ = ("commit_callbacks",)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.commit_callbacks: list[AfterCommit] = []


ReadSession = NewType("ReadSession", AsyncSession)
WriteSession = NewType("WriteSession", AsyncSession)
ReadConnection = NewType("ReadConnection", Connection)
WriteConnection = NewType("WriteConnection", Connection)
Transaction = WriteSession | WriteConnection


class Base(DeclarativeBase):
    """Base of the models of one service, with a naming convention so that migrations can name constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Database:
    """Engine, pool and the context managers that begin and commit.

    Usage::

        database = Database(settings, application_name="profile")
        async with database.write() as session: ...      # ORM, one transaction
        async with database.write_raw() as connection: ...  # asyncpg, one transaction
    """

    def __init__(self, settings: ServiceSettings, *, application_name: str) -> None:
        self._url = str(settings.database_url)
        self._pool_size = settings.database_pool_size
        self._commit_after_answer = settings.control_commit_after_answer
        server_settings = {
            "application_name": application_name,
            "lock_timeout": LOCK_TIMEOUT,
            "idle_in_transaction_session_timeout": IDLE_TRANSACTION_TIMEOUT,
        }
        self._engine = create_async_engine(
            self._url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=max(2, self._pool_size // 2),
            max_overflow=0,
            pool_timeout=COMMAND_TIMEOUT_SECONDS,
            connect_args={
                "timeout": CONNECT_TIMEOUT_SECONDS,
                "command_timeout": COMMAND_TIMEOUT_SECONDS,
                "server_settings": server_settings,
            },
        )
        # Reads need no transaction around each statement: two round trips less.
        self._read_engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._writers = async_sessionmaker(self._engine, expire_on_commit=False)
        self._readers = async_sessionmaker(self._read_engine, expire_on_commit=False)
        self._server_settings = server_settings
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Give all connections back."""
        await self._engine.dispose()
        if self._pool is not None:
            await self._pool.close()

    async def answers(self) -> bool:
        """Whether the database takes work at this moment: what fails nevertheless may fail for its own sake."""
        try:
            async with asyncio.timeout(PROBE_SECONDS), self.write_raw() as connection:
                # A number of a transaction is given by a server that takes writes, and by no other.
                await connection.execute("SELECT pg_current_xact_id()")
        except Exception:  # noqa: BLE001 -- whatever it says, it is no answer
            return False
        return True

    async def pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        """The raw pool, connected on first use."""
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._url,
                        min_size=1,
                        max_size=self._pool_size,
                        # A service has more than the usual hundred, and one that is parsed anew costs a read.
                        statement_cache_size=STATEMENTS_KEPT,
                        connection_class=Connection,
                        timeout=CONNECT_TIMEOUT_SECONDS,
                        command_timeout=COMMAND_TIMEOUT_SECONDS,
                        server_settings=self._server_settings,
                        # Our code leaves no session state behind; the reset query costs half of a short read.
                        reset=_leave_as_is,
                    )
        return self._pool

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """An ORM session that only reads."""
        async with self._readers() as session:
            yield ReadSession(session)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[WriteSession]:
        """An ORM session in one transaction: committed at the end, rolled back on any exception."""
        async with self._writers() as session, session.begin():
            yield WriteSession(session)

    @asynccontextmanager
    async def read_raw(self) -> AsyncIterator[ReadConnection]:
        """A raw connection without a transaction."""
        pool = await self.pool()
        async with pool.acquire(timeout=COMMAND_TIMEOUT_SECONDS) as connection:
            yield ReadConnection(cast("Connection", connection))

    @asynccontextmanager
    async def write_raw(self) -> AsyncIterator[WriteConnection]:
        """A raw connection in one transaction: committed at the end, rolled back on any exception."""
        pool = await self.pool()
        async with pool.acquire(timeout=COMMAND_TIMEOUT_SECONDS) as acquired:
            connection = cast("Connection", acquired)
            callbacks = connection.commit_callbacks
            callbacks.clear()
            async with connection.transaction():
                yield WriteConnection(connection)
            due = list(callbacks)
            callbacks.clear()
        for callback in due:
            callback()

    @asynccontextmanager
    async def write_one_statement(self) -> AsyncIterator[WriteConnection]:
        """A raw connection for a request that writes in exactly one statement, which commits by itself.

        It saves the round trips of BEGIN and COMMIT; a second write here would be a transaction of its own.
        """
        if self._commit_after_answer:
            async with self.at_the_edge(self.write_raw()) as connection:
                yield connection
            return
        pool = await self.pool()
        async with pool.acquire(timeout=COMMAND_TIMEOUT_SECONDS) as acquired:
            connection = WriteConnection(cast("Connection", acquired))
            callbacks = connection.commit_callbacks
            callbacks.clear()
            yield connection
            due = list(callbacks)
            callbacks.clear()
        for callback in due:
            callback()

    def at_the_edge(self, transaction: AbstractAsyncContextManager[Handle]) -> AbstractAsyncContextManager[Handle]:
        """The transaction of a request; the negative control lets its commit come after the answer."""
        return committed_after_answer(transaction) if self._commit_after_answer else transaction


async def _leave_as_is(_: object) -> None:
    """Do not reset a connection that goes back to the pool."""


def after_commit(transaction: Transaction, callback: AfterCommit) -> None:
    """Call `callback` once the transaction has committed, and never if it rolls back.

    A process that dies in between loses the call: use it for wake-ups, never for effects.
    """
    if isinstance(transaction, AsyncSession):
        event.listen(transaction.sync_session, "after_commit", lambda _: callback(), once=True)
    else:
        transaction.commit_callbacks.append(callback)


def database_of(connection: HTTPConnection) -> Database:
    """The database that the application opened."""
    return cast("Database", connection.state.database)


async def _read_session(connection: HTTPConnection) -> AsyncIterator[ReadSession]:
    async with database_of(connection).read() as session:
        yield session


async def _read_connection(connection: HTTPConnection) -> AsyncIterator[ReadConnection]:
    async with database_of(connection).read_raw() as raw:
        yield raw


async def _write_session(connection: HTTPConnection) -> AsyncIterator[WriteSession]:
    database = database_of(connection)
    async with database.at_the_edge(database.write()) as session:
        yield session
    crash_point("edge.after_commit")


async def _write_connection(connection: HTTPConnection) -> AsyncIterator[WriteConnection]:
    database = database_of(connection)
    async with database.at_the_edge(database.write_raw()) as raw:
        yield raw
    crash_point("edge.after_commit")


ReadSessionDep = Annotated[ReadSession, Depends(_read_session, scope="function")]
WriteSessionDep = Annotated[WriteSession, Depends(_write_session, scope="function")]
ReadConnectionDep = Annotated[ReadConnection, Depends(_read_connection, scope="function")]
WriteConnectionDep = Annotated[WriteConnection, Depends(_write_connection, scope="function")]
