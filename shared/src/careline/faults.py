"""Tells a database that is away, which one waits for, from a fault that waiting does not mend.

A time-out says neither: the database may be slow, or this one piece of work may always take too long. So whoever
retries asks the database in between, and counts what fails while it answers.
"""

import asyncio
from collections.abc import Iterator

import asyncpg
from aiokafka.errors import KafkaError

from careline.database import Database

TRIES_PER_STRIKE = 3

_TRANSIENT = (
    OSError,
    TimeoutError,
    asyncio.TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    KafkaError,
)


def causes(fault: BaseException) -> Iterator[BaseException]:
    """The fault and what lies under it; SQLAlchemy wraps the driver's error twice."""
    seen: set[int] = set()
    current: BaseException | None = fault
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = getattr(current, "orig", None) or current.__cause__


def is_transient(fault: BaseException) -> bool:
    """Whether the same work may well succeed a little later."""
    return any(isinstance(cause, _TRANSIENT) and not isinstance(cause, asyncpg.DataError) for cause in causes(fault))


class Strikes:
    """Counts how often one piece of work has failed for its own sake.

    A fault that may pass counts once in `TRIES_PER_STRIKE` times, and only while the database answers others: an
    absent database never counts, however long it is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._passing = 0
        self.count = 0

    async def add(self, fault: BaseException) -> None:
        """The work has failed once more."""
        if not is_transient(fault):
            self.count += 1
        elif await self._database.answers():
            self._passing += 1
            self.count += self._passing % TRIES_PER_STRIKE == 0
        else:
            self._passing = 0
