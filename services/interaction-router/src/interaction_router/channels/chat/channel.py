"""The parts of the web chat channel, for the table of contents."""

from typing import Final

from careline.background import Loop, Periodic
from interaction_router.channels.chat import endpoints, presence, repository
from interaction_router.channels.chat.lines import Lines
from interaction_router.channels.chat.pulse import Pulse
from interaction_router.settings import RouterSettings
from interaction_router.unit import Units
from interaction_router.visitors import endpoints as visitors
from interaction_router.visitors import rates
from interaction_router.visitors import repository as visitors_repository

ROUTERS: Final = (visitors.router, endpoints.router)
# A text of 4,000 characters, with every one escaped.
BODY_LIMITS: Final = {"/v1/visitors": 1024, "/v1/chats": 64 * 1024}
ABSENCE_SECONDS: Final = 1.0
PRUNE_SECONDS: Final = 300.0


def loops(units: Units, lines: Lines, settings: RouterSettings) -> list[Loop | Periodic]:
    """What runs beside the requests."""

    async def prune() -> None:
        now = units.clock.now()
        async with units.database.write_raw() as connection:
            await repository.prune(connection, now)
            await visitors_repository.prune(connection, now)
            await rates.prune(connection, now)

    return [
        Loop("chat-pulse", Pulse(units, lines, settings.chat_gone_seconds).run),
        Periodic("chat-absences", ABSENCE_SECONDS, presence.Absences(units, lines).notice),
        Periodic("chat-prune", PRUNE_SECONDS, prune),
    ]
