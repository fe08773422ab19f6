"""Whether the visitor is there. Her line says so, never a timer of her page."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from interaction_router.channels.chat import repository
from interaction_router.channels.chat.lines import Lines
from interaction_router.channels.chat.service import WAITING, remark
from interaction_router.interactions import lifecycle
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.states import ENGAGED
from interaction_router.one_by_one import OneByOne
from interaction_router.unit import Unit, Units


async def arrive(units: Units, chat_id: UUID, gone_seconds: float) -> None:
    """A line was opened."""
    async with units.begin() as unit:
        row = await interactions.lock(unit.connection, chat_id)
        until = unit.now + timedelta(seconds=gone_seconds)
        was_away = await repository.came_back(unit.connection, chat_id, until)
        if was_away and row is not None and row["state"] in ENGAGED:
            await remark(unit, row, "visitor.back")


async def _notice(unit: Unit, chat_id: UUID) -> None:
    row = await interactions.lock(unit.connection, chat_id)
    if row is None or not await repository.take_lapsed(unit.connection, chat_id, unit.now):
        return
    if row["state"] in WAITING:
        await repository.end(unit.connection, chat_id, "absence", unit.now)
        await lifecycle.abandon(unit, row)
    elif row["state"] in ENGAGED:
        # She may come back: the agent decides how long to wait.
        await remark(unit, row, "visitor.left")


@dataclass
class Absences:
    """Ends the waiting of those who are gone, and tells agents whose visitor is.

    Leases also lapse while the database is away; whoever has a line here is there all the same.
    """

    units: Units
    lines: Lines
    _gone: OneByOne = field(default_factory=lambda: OneByOne("absences", _notice))

    async def notice(self) -> None:
        """One round."""
        async with self.units.database.read_raw() as connection:
            gone = await repository.lapsed(connection, self.units.clock.now(), self._gone.limit)
        await self._gone.run(self.units, set(gone) - set(self.lines.watched()))
