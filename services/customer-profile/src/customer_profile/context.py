"""What a service function needs beside its arguments: the transaction, the outbox, the time, and who asks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from careline.app import service_of
from careline.database import WriteConnection, WriteConnectionDep
from careline.outbox import Outbox


@dataclass(frozen=True, slots=True)
class Work:
    """One write: everything in it commits together, before the answer leaves."""

    connection: WriteConnection
    outbox: Outbox
    now: datetime


async def _work(http: HTTPConnection, connection: WriteConnectionDep) -> Work:
    service = service_of(http)
    return Work(connection, service.outbox, service.clock.now())


WorkDep = Annotated[Work, Depends(_work)]
