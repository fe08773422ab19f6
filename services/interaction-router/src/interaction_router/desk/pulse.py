"""What one process does for all its lines together: notice other processes' events, renew presence, count."""

import asyncio
from datetime import timedelta
from uuid import UUID

from interaction_router.agents import repository as agents
from interaction_router.desk import repository
from interaction_router.unit import Units

LOOK_SECONDS = 0.1
RENEW_EVERY_LOOKS = 50
COUNT_EVERY_LOOKS = 20


class Pulse:
    """Looks ten times a second."""

    def __init__(self, units: Units, lease_seconds: float) -> None:
        """Lines are found in the hub."""
        self._units = units
        self._lease_seconds = lease_seconds
        self._seen: dict[UUID, int] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        look = 0
        while True:
            watched = self._units.hub.watched()
            if watched:
                await self._wake(watched)
                if look % RENEW_EVERY_LOOKS == 0:
                    await self._renew(watched)
                if look % COUNT_EVERY_LOOKS == 0:
                    await self._count(watched)
            look += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def _wake(self, watched: list[UUID]) -> None:
        async with self._units.database.read_raw() as connection:
            numbers = await repository.last_numbers(connection, watched)
        news = [agent for agent, number in numbers.items() if self._seen.get(agent) != number]
        self._seen = numbers
        self._units.hub.notify(news, ())

    async def _renew(self, watched: list[UUID]) -> None:
        until = self._units.clock.now() + timedelta(seconds=self._lease_seconds)
        async with self._units.database.write_raw() as connection:
            await agents.renew_leases(connection, watched, until)

    async def _count(self, watched: list[UUID]) -> None:
        async with self._units.database.read_raw() as connection:
            self._units.hub.counts = await repository.counts(connection, watched)
