"""What everything that carries deliveries shares."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from careline.database import WriteConnection
from careline.wakeups import Wakeup
from interaction_router.deliveries import outcomes, repository
from interaction_router.deliveries.contents import Contents
from interaction_router.deliveries.repository import Ending
from interaction_router.interactions.rows import Row
from interaction_router.unit import Units

LEASE_SECONDS = 120.0


@dataclass
class Office:
    """Units of work and care's contents."""

    units: Units
    contents: Contents
    # How long whoever took deliveries may work on them.
    lease_seconds: float = LEASE_SECONDS
    # New mails may wait.
    arrived: Wakeup = field(default_factory=Wakeup)

    async def claim(self, means: str, limit: int) -> list[Row]:
        """Take what is due and may be worked on, for as long as the lease."""
        now = self.units.clock.now()
        until = now + timedelta(seconds=self.lease_seconds)
        async with self.units.database.write_raw() as connection:
            return await repository.claim(connection, means, now, self.units.business_clock.now(), until, limit)

    async def postpone(self, rows: Sequence[Row], seconds: float) -> None:
        """Give claimed rows back until later."""
        due_at = self.units.clock.now() + timedelta(seconds=seconds)
        async with self.units.database.write_raw() as connection:
            await repository.postpone(connection, [(row["id"], row["claim"]) for row in rows], due_at)

    async def end(self, endings: Sequence[Ending]) -> None:
        """End what will not be sent."""
        if not endings:
            return
        now = self.units.clock.now()
        async with self.units.database.write_raw() as connection:
            await self.tell(connection, await repository.end(connection, endings, now), now)

    async def tell(self, connection: WriteConnection, rows: Sequence[Row], now: datetime) -> None:
        """Say on Kafka what became of deliveries that the transaction has moved."""
        await outcomes.tell(connection, self.units.outbox, rows, now, self.units.business_clock.now())
