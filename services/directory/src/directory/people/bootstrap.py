"""The first admin, without whom nobody could add anybody."""

from datetime import datetime

import structlog

from careline.clock import Clock
from careline.database import Database, WriteSession
from careline.outbox import Outbox
from directory.people import repository, service
from directory.people.passwords import Passwords
from directory.people.roles import Role
from directory.people.schemas import PersonInput

BOOTSTRAP_LOGIN = "admin"

_log = structlog.get_logger("directory.bootstrap")


async def ensure_somebody(
    database: Database, outbox: Outbox, passwords: Passwords, clock: Clock, *, password: str
) -> bool:
    """Register the first admin if nobody exists; whether it did. Two processes that start at once make one."""
    async with database.read() as reading:
        if await repository.somebody_exists(reading):
            return False
    password_hash = await passwords.hash(password)
    async with database.write() as session:
        created = await _register_first(session, outbox, password_hash, clock.now())
    if created:
        _log.info("bootstrap.admin_registered", login=BOOTSTRAP_LOGIN)
    return created


async def _register_first(session: WriteSession, outbox: Outbox, password_hash: str, now: datetime) -> bool:
    await repository.keep_others_from_registering(session)
    if await repository.somebody_exists(session):
        return False
    first = PersonInput(login=BOOTSTRAP_LOGIN, name="Administrator", roles=frozenset({Role.ADMIN}), locale="en")
    await service.register(session, outbox, first, password_hash=password_hash, now=now)
    return True
