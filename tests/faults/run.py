"""One injury under load: warm up, break, mend, go on, let everything settle, compare."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
import httpx

from tests.faults.agents import Agent, at_work, prepare_router
from tests.faults.callers import Callers, gather_callers
from tests.faults.checker import EVENT_OF, check
from tests.faults.customers import Customers, mailboxes, register_customers
from tests.faults.databases import Databases
from tests.faults.history import History
from tests.faults.injury import Injury, Mended, NotInjuredError
from tests.faults.load import Load, Rates
from tests.faults.mailboxes import arrived
from tests.faults.observation import observe, settled
from tests.faults.office import prepare_care, prepare_feedback
from tests.faults.stand import Stand
from tests.faults.violations import Violation
from tests.faults.watch import Watch
from tests.faults.wishes import address_of

SERVICES = ("directory", "customer-profile", "interaction-router", "care-scheduler", "feedback")
AGENTS = 4
RECOVERY_LIMIT_SECONDS = 15.0
DECIDER_LIMIT_SECONDS = 5.0
RECOVERY_WATCHED_SECONDS = 30.0
INJURY_SECONDS = 240.0
START_SECONDS = 240.0
REST_SECONDS = 20.0


@dataclass(frozen=True)
class Pace:
    """How much load, and for how long around the fault."""

    rates: Rates = field(default_factory=Rates)
    before_seconds: float = 4.0
    after_seconds: float = 4.0
    settle_seconds: float = 60.0
    timed: bool = True
    """Whether a slow recovery is a violation; on a machine with other work it says nothing."""


@dataclass(frozen=True)
class Recovery:
    """How long it took after one injury; the slowest kind of write or effect counts."""

    name: str
    write_seconds: float | None
    effect_seconds: float | None = None
    decider_seconds: float | None = None


@dataclass
class Result:
    """What one run showed."""

    history: History
    recoveries: list[Recovery] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0


class Trial:
    """A running stand with everybody at work, on which one injury after the other is tried."""

    def __init__(self, stand: Stand, callers: Callers, customers: Customers, pace: Pace) -> None:
        """Take what `trial` has prepared."""
        self.stand = stand
        self.pace = pace
        self._callers = callers
        self._customers = customers
        self._databases = Databases(stand)
        self._tags = count(1)

    async def suffer(self, injuries: Sequence[Injury]) -> Result:
        """One history over all of these injuries."""
        begun = time.monotonic()
        result = Result(History(f"t{next(self._tags)}"))
        await self._add_replicas(max(each.replicas for each in injuries))
        await _until(self._databases.at_rest, REST_SECONDS)
        marks = await self._databases.marks()
        load = Load(self.stand, self._callers, result.history, self._customers, self.pace.rates)
        watch = Watch(self._databases, result.history)
        agents = [Agent(self.stand, self._callers, each, result.history) for each in self._callers.agents]
        async with watch.watching(), at_work(agents):
            async with load.running():
                await asyncio.sleep(self.pace.before_seconds)
                for injury in injuries:
                    await self._injure(injury, result)
                await asyncio.sleep(self.pace.after_seconds)
            await _until(lambda: settled(self._databases, result.history, marks), self.pace.settle_seconds)
            await watch.look()
        observed = await observe(self._databases, result.history, marks)
        observed.mails = await self._mails(result.history)
        observed.orphaned, observed.looks = watch.orphaned, watch.looks
        result.violations += check(result.history, observed)
        result.seconds = time.monotonic() - begun
        return result

    async def _injure(self, injury: Injury, result: Result) -> None:
        try:
            async with asyncio.timeout(INJURY_SECONDS):
                mended = await injury.break_and_mend(self.stand, self._databases)
        except (NotInjuredError, TimeoutError) as fault:
            result.violations.append(Violation("not injured", f"{injury.name}: {fault}"))
            return
        await self._watch_recovery(injury, mended, result)

    async def _watch_recovery(self, injury: Injury, mended: Mended, result: Result) -> None:
        since = mended.moment
        writes: dict[str, float] = {}
        effects: dict[str, float] = {}
        awaited = [*(EVENT_OF[kind] for kind in injury.kinds), *injury.effects]

        async def recovered() -> bool:
            for kind in injury.kinds:
                if (told := result.history.first_ok_after(since, (kind,))) is not None:
                    writes[kind] = told - since
            for event in awaited:
                if (counted := await self._databases.first_effect_after(since, event)) is not None:
                    effects[event] = counted - since
            return len(writes) == len(injury.kinds) and len(effects) == len(awaited)

        await _until(recovered, RECOVERY_WATCHED_SECONDS, every_seconds=0.1)
        result.recoveries.append(
            Recovery(injury.name, _slowest(writes, injury.kinds), _slowest(effects, awaited), mended.decider_seconds)
        )
        if self.pace.timed:
            result.violations += _too_slow(injury.name, "write", writes, injury.kinds)
            result.violations += _too_slow(injury.name, "effect", effects, awaited)
            if (mended.decider_seconds or 0) > DECIDER_LIMIT_SECONDS:
                told = f"nobody decided for {mended.decider_seconds:.1f} s"
                result.violations.append(Violation("decider", told))

    async def _mails(self, history: History) -> Counter[str]:
        """What lies in the mailboxes of everybody to whom this run may have written."""
        mail = self.stand.mail
        if mail is None:
            return Counter()
        addresses = [*self._customers.addresses, *(address_of(each.name) for each in history.of("customer"))]
        return await asyncio.to_thread(arrived, mail, addresses)

    async def _add_replicas(self, number: int) -> None:
        routers = [each for each in self.stand.services if each.description.database == "router"]
        for _ in range(number + 1 - len(routers)):
            await asyncio.to_thread(self.stand.replica("interaction-router").start)


def _too_slow(name: str, what: str, first: Mapping[str, float], awaited: Iterable[str]) -> Iterator[Violation]:
    for each in awaited:
        took = first.get(each)
        if took is None or took > RECOVERY_LIMIT_SECONDS:
            told = f"more than {RECOVERY_WATCHED_SECONDS:.0f} s" if took is None else f"{took:.1f} s"
            yield Violation("recovery", f"{name}: first {each} {what} after {told}")


def _slowest(seconds: Mapping[str, float], awaited: Iterable[str]) -> float | None:
    return max((seconds.get(each, RECOVERY_WATCHED_SECONDS) for each in awaited), default=None)


@asynccontextmanager
async def trial(folder: Path, pace: Pace) -> AsyncIterator[Trial]:
    """Start the stand, sign everybody in, and end it all afterwards."""
    stand = Stand(folder, SERVICES, mailboxes=mailboxes())
    limits = httpx.Limits(max_connections=150, max_keepalive_connections=60)
    try:
        async with asyncio.timeout(START_SECONDS):
            await asyncio.to_thread(stand.start)
            await asyncio.to_thread(stand.serve)
        async with httpx.AsyncClient(limits=limits, timeout=30) as http:
            async with asyncio.timeout(START_SECONDS):
                callers = await gather_callers(stand, http, agents=AGENTS)
                customers = await register_customers(stand, callers)
                await prepare_router(stand, callers)
                await prepare_care(stand, callers)
                await prepare_feedback(stand, callers, Databases(stand))
            renewing = asyncio.create_task(callers.keep_tokens())
            try:
                yield Trial(stand, callers, customers, pace)
            finally:
                renewing.cancel()
                await asyncio.wait([renewing], timeout=5)
    finally:
        await asyncio.to_thread(stand.stop)


async def _until(condition: Callable[[], Awaitable[bool]], seconds: float, *, every_seconds: float = 0.4) -> bool:
    """Ask until it holds; a database that is away is asked again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            if await condition():
                return True
        await asyncio.sleep(every_seconds)
    return False
