"""Ways to break a part, and the moment from which its recovery is counted."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import psutil

from careline_local.parts.processes import ProcessPart
from careline_local.system.services import Service
from tests.faults.databases import Databases
from tests.faults.history import Kind
from tests.faults.stand import RESTART_AFTER_SECONDS, Stand

FREEZE_SECONDS = 20.0
# Long, because a crowded machine starts a service in a minute.
DIES_WITHIN_SECONDS = 120.0
LOOK_SECONDS = 0.01
ALL: tuple[Kind, ...] = ("purchase", "interaction", "person", "complaint")


@dataclass(frozen=True)
class Mended:
    """The part is up again."""

    moment: float
    """Of the kill, or of the SIGCONT: from here recovery is counted."""
    decider_seconds: float | None = None
    """How long nobody decided, where that was asked."""


Breaking = Callable[[Stand, Databases], Awaitable[Mended]]


class NotInjuredError(Exception):
    """The fault did not happen, so the run proves nothing."""


@dataclass(frozen=True)
class Injury:
    """What is done to whom, and which writes must work again afterwards."""

    name: str
    kinds: tuple[Kind, ...]
    break_and_mend: Breaking
    effects: tuple[str, ...] = ()
    """Types of event that must be said again, beside those of the writes."""
    replicas: int = 0
    """Further router processes that must be there before."""


def kill(name: str, kinds: tuple[Kind, ...], effects: tuple[str, ...] = ()) -> Injury:
    """SIGKILL of the whole part; a second later it is started again."""

    async def act(stand: Stand, _: Databases) -> Mended:
        part = part_of(stand, name)
        await asyncio.to_thread(part.kill)
        moment = time.time()
        await asyncio.sleep(RESTART_AFTER_SECONDS)
        await asyncio.to_thread(stand.restart, part)
        return Mended(moment)

    return Injury(f"kill -9 {name}", kinds, act, effects)


def freeze(name: str, kinds: tuple[Kind, ...], effects: tuple[str, ...] = ()) -> Injury:
    """SIGSTOP of the whole part, SIGCONT after 20 s."""

    async def act(stand: Stand, _: Databases) -> Mended:
        part = part_of(stand, name)
        await asyncio.to_thread(part.freeze)
        await asyncio.sleep(FREEZE_SECONDS)
        await asyncio.to_thread(part.thaw)
        return Mended(time.time())

    return Injury(f"SIGSTOP {FREEZE_SECONDS:.0f} s {name}", kinds, act, effects)


def crash(name: str, point: str, kinds: tuple[Kind, ...], effects: tuple[str, ...] = (), **settings: str) -> Injury:
    """The service dies by its own hand at a named point; a second later it is started again without that."""

    async def act(stand: Stand, _: Databases) -> Mended:
        service = stand.service(name)
        await asyncio.to_thread(service.stop)
        await asyncio.to_thread(stand.launch, service, CRASH_AT=point, **settings)
        try:
            moment = await _died(service)
        finally:
            # One that did not die must not do so later.
            await asyncio.to_thread(service.kill)
            await asyncio.sleep(RESTART_AFTER_SECONDS)
            await asyncio.to_thread(stand.restart, service, **settings)
        return Mended(moment)

    return Injury(f"crash {name} at {point}", kinds, act, effects)


def halt(name: str, point: str, effects: tuple[str, ...], *, replicas: int = 0) -> Injury:
    """The service halts by its own hand at a named point, for longer than its leases; others work on meanwhile."""

    async def act(stand: Stand, _: Databases) -> Mended:
        service = stand.service(name)
        await asyncio.to_thread(service.stop)
        await asyncio.to_thread(stand.launch, service, CRASH_AT=f"{point}=SIGSTOP")
        await halted(service)
        await asyncio.sleep(FREEZE_SECONDS)
        await asyncio.to_thread(service.thaw)
        return Mended(time.time())

    return Injury(f"SIGSTOP {FREEZE_SECONDS:.0f} s {name} at {point}", (), act, effects, replicas)


async def halted(service: Service) -> float:
    """When the process was seen halted."""
    deadline = time.monotonic() + DIES_WITHIN_SECONDS
    while time.monotonic() < deadline:
        pid = service.process.pid
        if pid is not None and psutil.Process(pid).status() == psutil.STATUS_STOPPED:
            return time.time()
        await asyncio.sleep(LOOK_SECONDS)
    raise NotInjuredError(f"{service.name} did not come to where it halts in {DIES_WITHIN_SECONDS:.0f} s")


async def _died(service: Service) -> float:
    deadline = time.monotonic() + DIES_WITHIN_SECONDS
    while service.process.pid is not None:
        if time.monotonic() > deadline:
            raise NotInjuredError(f"{service.name} did not come to its crash point in {DIES_WITHIN_SECONDS:.0f} s")
        await asyncio.sleep(LOOK_SECONDS)
    if service.process.exit_code != -9:
        raise NotInjuredError(f"{service.name} ended with {service.process.exit_code}. {service.explain()}")
    return time.time()


def part_of(stand: Stand, name: str) -> ProcessPart:
    """A part by the name that the report uses."""
    return next(part for part in stand.parts if part.name == name)
