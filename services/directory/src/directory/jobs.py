"""Periodic work."""

from typing import Any, cast

from careline.app import Service
from careline.background import Loop, Periodic
from directory.people.bootstrap import ensure_somebody
from directory.people.passwords import Passwords
from directory.resources import settings_of_service
from directory.sessions import attempts, repository

PRUNE_EVERY_SECONDS = 600.0


def loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    """What runs beside the requests."""

    async def prune() -> None:
        now = service.clock.now()
        async with service.database.write_raw() as connection:
            await repository.prune(connection, now)
            await attempts.prune(connection, now)

    running: list[Loop | Periodic] = [Periodic("prune-sessions", PRUNE_EVERY_SECONDS, prune)]
    password = settings_of_service(service).bootstrap_admin_password
    if password is not None:
        passwords = cast("Passwords", state["passwords"])

        async def bootstrap() -> None:
            await ensure_somebody(
                service.database, service.outbox, passwords, service.clock, password=password.get_secret_value()
            )
            await service.draining.wait()

        running.append(Loop("bootstrap", bootstrap))
    return running
