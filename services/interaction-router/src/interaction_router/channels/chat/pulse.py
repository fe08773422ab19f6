"""What one process does for all its visitors' lines together: a few statements however many lines there are."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import UUID

from interaction_router.channels.chat import repository, view
from interaction_router.channels.chat.lines import Lines
from interaction_router.unit import Units

LOOK_SECONDS: Final = 0.2
SHOW_EVERY_LOOKS: Final = 3
RENEW_AT_LEAST_EVERY_SECONDS: Final = 5.0
# The desk saves an unfinished answer every two seconds.
TYPING_SHOWN_FOR = timedelta(seconds=4)


class Pulse:
    """Looks five times a second."""

    def __init__(self, units: Units, lines: Lines, gone_seconds: float) -> None:
        """`gone_seconds` after her last line closed a visitor is gone."""
        self._units = units
        self._lines = lines
        self._gone_after = timedelta(seconds=gone_seconds)
        self._renew_every_looks = max(1, int(min(RENEW_AT_LEAST_EVERY_SECONDS, gone_seconds / 3) / LOOK_SECONDS))
        self._seen: dict[UUID, int] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        look = 0
        while True:
            watched = self._lines.watched()
            if watched:
                if look % SHOW_EVERY_LOOKS == 0:
                    await self._show(watched)
                await self._wake(watched)
                if look % self._renew_every_looks == 0:
                    await self._renew(watched)
            look += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def _wake(self, watched: list[UUID]) -> None:
        """Another process may have changed a chat whose line is here."""
        async with self._units.database.read_raw() as connection:
            numbers = await repository.last_numbers(connection, watched)
        news = [chat for chat, number in numbers.items() if self._seen.get(chat) != number]
        self._seen = numbers
        self._units.hub.notify((), news)

    async def _show(self, watched: list[UUID]) -> None:
        since = self._units.clock.now() - TYPING_SHOWN_FOR
        async with self._units.database.read_raw() as connection:
            places = await repository.places(connection, watched)
            typing = await repository.typing(connection, watched, since)
        shown = {chat: view.place(position) for chat, position in places.items()}
        changed = {chat for chat in watched if shown.get(chat) != self._lines.places.get(chat)}
        changed |= typing ^ self._lines.typing
        self._lines.places, self._lines.typing = shown, typing
        self._units.hub.notify((), changed)

    async def _renew(self, watched: list[UUID]) -> None:
        async with self._units.database.write_raw() as connection:
            await repository.renew_leases(connection, watched, self._units.clock.now() + self._gone_after)
