"""Periodic work."""

from typing import Any, cast

from careline.app import Service
from careline.background import Loop, Periodic
from directory.calendars import service as calendars
from directory.people.bootstrap import ensure_somebody
from directory.people.passwords import Passwords
from directory.resources import settings_of_service
from directory.sessions import attempts, repository

PRUNE_EVERY_SECONDS = 600.0
# A release of the library may know another year's decrees: after an update calendars get a new version by themselves.
RENEW_CALENDARS_EVERY_SECONDS = 21_600.0


def loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    """What runs beside the requests."""

    async def prune() -> None:
        now = service.clock.now()
        async with service.database.write_raw() as connection:
            await repository.prune(connection, now)
            await attempts.prune(connection, now)

    async def renew_calendars() -> None:
        async with service.database.write() as session:
            await calendars.renew(
                session, service.outbox, today=service.business_clock.now().date(), now=service.clock.now()
            )

    running: list[Loop | Periodic] = [
        Periodic("prune-sessions", PRUNE_EVERY_SECONDS, prune),
        Periodic("renew-calendars", RENEW_CALENDARS_EVERY_SECONDS, renew_calendars),
    ]
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
