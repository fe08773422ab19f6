"""Tells a database that is away, which one waits for, from a fault that waiting does not mend."""

import asyncio
from collections.abc import Iterator

import asyncpg
from aiokafka.errors import KafkaError

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
