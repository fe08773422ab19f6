"""One injury under load: warm up, break, mend, go on, let everything settle, compare."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import asyncpg
import httpx

from tests.faults.agents import Agent, at_work, prepare_router
from tests.faults.callers import Callers, gather_callers
from tests.faults.checker import EVENT_OF, Violation, check
from tests.faults.history import History
from tests.faults.injury import Injury, Mended, NotInjuredError, part_of
from tests.faults.load import Load, Rates, register_customers
from tests.faults.observation import Databases
from tests.faults.stand import Stand

AGENTS = 4
RECOVERY_LIMIT_SECONDS = 15.0
DECIDER_LIMIT_SECONDS = 5.0
RECOVERY_WATCHED_SECONDS = 30.0
INJURY_SECONDS = 120.0
START_SECONDS = 180.0
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
    """How long it took after one injury; the slowest kind of write counts."""

    name: str
    write_seconds: float
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

    def __init__(self, stand: Stand, callers: Callers, customers: list[str], pace: Pace) -> None:
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
        agents = [Agent(self.stand, self._callers, each, result.history) for each in self._callers.agents]
        async with at_work(agents):
            async with load.running():
                await asyncio.sleep(self.pace.before_seconds)
                for injury in injuries:
                    await self._injure(injury, result)
                await asyncio.sleep(self.pace.after_seconds)
            await _until(lambda: self._databases.settled(result.history, marks), self.pace.settle_seconds)
        observed = await self._databases.observe(result.history, marks)
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
        if not injury.kinds:
            await self._watch_readiness(injury, mended, result)
            return
        since = mended.moment
        writes: dict[str, float] = {}
        effects: dict[str, float] = {}

        async def recovered() -> bool:
            for kind in injury.kinds:
                if (told := result.history.first_ok_after(since, (kind,))) is not None:
                    writes[kind] = told - since
                counted = await self._databases.first_effect_after(since, EVENT_OF[kind])
                if counted is not None:
                    effects[kind] = counted - since
            return len(writes) == len(effects) == len(injury.kinds)

        await _until(recovered, RECOVERY_WATCHED_SECONDS, every_seconds=0.1)
        result.recoveries.append(
            Recovery(injury.name, _slowest(writes, injury), _slowest(effects, injury), mended.decider_seconds)
        )
        if self.pace.timed:
            result.violations += _too_slow(injury, mended, {"write": writes, "effect": effects})

    async def _watch_readiness(self, injury: Injury, mended: Mended, result: Result) -> None:
        """A service to which nobody writes has recovered when it is ready."""
        part = part_of(self.stand, injury.victim)
        await _until(lambda: asyncio.to_thread(part.ready), RECOVERY_WATCHED_SECONDS, every_seconds=0.1)
        seconds = time.time() - mended.moment
        result.recoveries.append(Recovery(injury.name, seconds))
        if self.pace.timed and seconds > RECOVERY_LIMIT_SECONDS:
            result.violations.append(Violation("recovery", f"{injury.name}: ready after {seconds:.1f} s"))

    async def _add_replicas(self, number: int) -> None:
        routers = [each for each in self.stand.services if each.description.database == "router"]
        for _ in range(number + 1 - len(routers)):
            await asyncio.to_thread(self.stand.replica("interaction-router").start)


def _too_slow(injury: Injury, mended: Mended, first: dict[str, dict[str, float]]) -> Iterator[Violation]:
    for what, seconds in first.items():
        for kind in injury.kinds:
            took = seconds.get(kind)
            if took is None or took > RECOVERY_LIMIT_SECONDS:
                told = f"more than {RECOVERY_WATCHED_SECONDS:.0f} s" if took is None else f"{took:.1f} s"
                yield Violation("recovery", f"{injury.name}: first {kind} {what} after {told}")
    if (mended.decider_seconds or 0) > DECIDER_LIMIT_SECONDS:
        yield Violation("decider", f"nobody decided for {mended.decider_seconds:.1f} s")


def _slowest(seconds: dict[str, float], injury: Injury) -> float:
    return max(seconds.get(kind, RECOVERY_WATCHED_SECONDS) for kind in injury.kinds)


@asynccontextmanager
async def trial(folder: Path, services: Sequence[str], pace: Pace) -> AsyncIterator[Trial]:
    """Start the stand, sign everybody in, and end it all afterwards."""
    stand = Stand(folder, services)
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
