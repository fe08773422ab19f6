"""Opens the calls that care wants made as work in a queue, where the agent who takes one finds its script."""

from dataclasses import dataclass, field
from uuid import UUID

import structlog

from careline.ids import encode
from interaction_router.customers.client import Identifier, Resolution
from interaction_router.deliveries import calls
from interaction_router.deliveries.contents import Content
from interaction_router.deliveries.judging import judge
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.repository import Ending
from interaction_router.interactions import lifecycle, write
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.receive import Arrival, open_or_join
from interaction_router.interactions.rows import Row
from interaction_router.interactions.states import State
from interaction_router.one_by_one import OneByOne
from interaction_router.unit import Unit

BATCH = 50
POLL_SECONDS = 0.5
AUTHOR = "Careline"

_log = structlog.get_logger("router.deliveries")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may be made."""

    row: Row
    content: Content
    name: str
    phone: str


class OvertakenError(Exception):
    """Another process has taken the delivery over; what was prepared is rolled back."""


async def _withdraw(unit: Unit, interaction_id: UUID) -> None:
    row = await interactions.lock(unit.connection, interaction_id)
    if row is not None and row["state"] in {State.QUEUED, State.OFFERED}:
        await lifecycle.abandon(unit, row)
        await calls.withdraw(unit, interaction_id)


@dataclass
class PhoneTasks:
    """Opens what is due until cancelled; any number of processes may do so at once."""

    office: Office
    _overdue: OneByOne = field(default_factory=lambda: OneByOne("overdue_calls", _withdraw))

    async def run(self) -> None:
        """Open calls that are due, and take those back that nobody came to in time."""
        while True:
            await self.withdraw_overdue()
            if not await self.open_due():
                await self.office.arrived.wait(POLL_SECONDS)

    async def open_due(self) -> int:
        """Open one batch; how many were claimed."""
        claimed = await self.office.claim(calls.CHANNEL, BATCH)
        ready = await judge(self.office, claimed, _prepare) if claimed else []
        for call in ready or []:
            try:
                async with self.office.units.begin() as unit:
                    await _open(unit, call)
            except OvertakenError:
                _log.info("call.overtaken", delivery=str(call.row["id"]))
        return len(claimed) if ready is not None else 0

    async def withdraw_overdue(self) -> None:
        """A call on the day after the birthday is worse than none."""
        units = self.office.units
        async with units.database.read_raw() as connection:
            late = await calls.overdue(connection, units.business_clock.now(), self._overdue.limit)
        await self._overdue.run(units, late)


def _prepare(row: Row, content: Content) -> Call | Ending:
    if content.to is None or not content.to.address:
        return Ending(row["id"], row["claim"], "failed", "no_address")
    return Call(row, content, content.to.name, content.to.address)


async def _open(unit: Unit, call: Call) -> None:
    """Whose matter it is, is sure: care named the customer. Who picks up the phone, the agent finds out."""
    await calls.prepare_queue(unit)
    script = call.content.script or call.content.text or ""
    arrival = Arrival(
        channel="phone_task",
        contact=encode("dlv", call.row["id"]),
        queue=calls.QUEUE,
        subject=call.content.subject or call.row["occasion"],
        display_name=call.name,
        language=call.content.language,
        identifier=Identifier("phone", call.phone, proven=False),
        resolution=Resolution(
            customer_id=call.row["customer_id"],
            name=call.name,
            tier=None,
            language=call.content.language,
            match="verified",
        ),
    )
    joined = await open_or_join(unit, arrival)
    if not await calls.hand_over(unit, call.row, joined.interaction_id, script):
        raise OvertakenError(call.row["id"])
    row = await interactions.lock(unit.connection, joined.interaction_id)
    if row is None:
        raise LookupError(joined.interaction_id)
    message = NewMessage(
        channel="phone_task",
        kind="system",
        author_kind="system",
        author_name=AUTHOR,
        text=script,
        sent_at=unit.now,
        language=call.content.language,
    )
    await write.add(unit, row, message)
