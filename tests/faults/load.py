"""Open-loop load: writes arrive at random moments, whether the earlier ones were answered or not."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from tests.faults.callers import Callers
from tests.faults.clerks import Clerks
from tests.faults.clients import PATIENCE_SECONDS, Client
from tests.faults.customers import Customers
from tests.faults.history import History
from tests.faults.leavers import Leavers
from tests.faults.respondents import Respondents
from tests.faults.stand import Stand
from tests.faults.wishes import Wishes
from tests.faults.writes import Writes

# One client in ten asks once only, so that there are outcomes that nobody knows.
IMPATIENT_SHARE = 0.1
ENDING_SECONDS = PATIENCE_SECONDS + 10

Write = Callable[[str, bool], Awaitable[object]]


@dataclass(frozen=True)
class Rates:
    """Writes a second."""

    purchases: float = 30
    interactions: float = 5
    people: float = 2
    complaints: float = 2
    birthdays: float = 1


class Load:
    """Everything that customers, partners and colleagues want during one run."""

    def __init__(self, stand: Stand, callers: Callers, history: History, customers: Customers, rates: Rates) -> None:
        """Take the stand as it will be: routers that are added later get their share."""
        self._history = history
        self._chance = random.Random(history.tag)
        client = Client(callers.wire, history, self._chance)
        writes = Writes(stand, callers, history, customers, client, self._chance)
        clerks = Clerks(stand, callers, history, client)
        wishes = Wishes(stand, callers, history, customers, client, clerks, self._chance)
        self._at_home: list[Respondents | Leavers] = [Respondents(stand, callers, history, client)]
        if stand.mail is not None:
            self._at_home.append(Leavers(stand, stand.mail, history, client))
        self._arrivals: list[tuple[float, Write]] = [
            (rates.purchases, writes.buy),
            (rates.interactions, writes.call),
            (rates.people, writes.hire),
            (rates.complaints, wishes.complain),
            (rates.birthdays, wishes.have_birthday),
        ]
        self._writes: set[asyncio.Task[object]] = set()
        self._number = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load during the block; afterwards wait until every client knows its outcome or has given up."""
        arrivals = [asyncio.create_task(self._arrive(rate, write)) for rate, write in self._arrivals]
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._end)
            for people in self._at_home:
                await stack.enter_async_context(people.at_home(self._start))
            try:
                yield
            finally:
                for task in arrivals:
                    task.cancel()
                await asyncio.wait(arrivals, timeout=5)

    async def _arrive(self, rate: float, write: Write) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while rate:
            due += self._chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._number += 1
            name = f"{self._history.tag}-{self._number}"
            self._start(write(name, self._chance.random() >= IMPATIENT_SHARE))

    def _start(self, write: Awaitable[object]) -> None:
        task = asyncio.ensure_future(write)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def _end(self) -> None:
        if self._writes:
            _, late = await asyncio.wait(self._writes, timeout=ENDING_SECONDS)
            for task in late:
                task.cancel()
