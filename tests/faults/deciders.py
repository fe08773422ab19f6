"""Two routers, of which one decides: it is killed or frozen, and the other must decide within five seconds."""

import asyncio
import json
import time
from contextlib import suppress

import asyncpg

from careline_local.system.services import Service
from tests.faults.databases import Databases
from tests.faults.injury import FREEZE_SECONDS, Injury, Mended, NotInjuredError, halted
from tests.faults.stand import RESTART_AFTER_SECONDS, Stand

LOOK_SECONDS = 0.05
AT_MOST_SECONDS = 20.0
START_SECONDS = 6.0


def kill_decider() -> Injury:
    """SIGKILL of the router that decides."""

    async def act(stand: Stand, databases: Databases) -> Mended:
        service, token = await _decider(stand, databases)
        await asyncio.to_thread(service.kill)
        moment = time.time()
        seconds = await _until_next(databases, token, moment)
        await asyncio.sleep(RESTART_AFTER_SECONDS)
        await asyncio.to_thread(stand.restart, service)
        return Mended(moment, seconds)

    return Injury("kill -9 the deciding router", ("interaction",), act, replicas=1)


def freeze_decider() -> Injury:
    """SIGSTOP of the router that decides; when it wakes up, another one does."""

    async def act(stand: Stand, databases: Databases) -> Mended:
        service, token = await _decider(stand, databases)
        await asyncio.to_thread(service.freeze)
        frozen_at = time.time()
        seconds = await _until_next(databases, token, frozen_at)
        await asyncio.sleep(max(0.0, frozen_at + FREEZE_SECONDS - time.time()))
        await asyncio.to_thread(service.thaw)
        return Mended(time.time(), seconds)

    return Injury(f"SIGSTOP {FREEZE_SECONDS:.0f} s the deciding router", ("interaction",), act, replicas=1)


def freeze_decision() -> Injury:
    """SIGSTOP within the transaction of a decision, which holds the row of the lease and those of the work."""

    async def act(stand: Stand, databases: Databases) -> Mended:
        service, _ = await _decider(stand, databases)
        other = next(each for each in _routers(stand) if each is not service)
        await asyncio.to_thread(other.kill)
        await asyncio.to_thread(stand.launch, other, CRASH_AT="decider.before_commit=SIGSTOP")
        await asyncio.sleep(START_SECONDS)
        # The lease passes to the one that halts in its first decision; then the first comes back.
        await asyncio.to_thread(service.kill)
        await asyncio.to_thread(stand.launch, service)
        frozen_at = await halted(other)
        token = await databases.held_token()
        seconds = await _until_next(databases, token, frozen_at)
        await asyncio.sleep(max(0.0, frozen_at + FREEZE_SECONDS - time.time()))
        await asyncio.to_thread(other.thaw)
        return Mended(time.time(), seconds)

    return Injury(f"SIGSTOP {FREEZE_SECONDS:.0f} s within a decision", ("interaction",), act, replicas=1)


def _routers(stand: Stand) -> list[Service]:
    return [each for each in stand.services if each.description.database == "router"]


async def _decider(stand: Stand, databases: Databases) -> tuple[Service, int]:
    """The process that holds the lease, which says in its log that it began with this token."""
    deadline = time.monotonic() + AT_MOST_SECONDS
    while time.monotonic() < deadline:
        token = await databases.decider_token()
        for service in _routers(stand):
            if token is not None and service.process.log.exists() and _last_began(service) == token:
                return service, token
        await asyncio.sleep(LOOK_SECONDS)
    raise NotInjuredError("nobody decides, so no decider can be broken")


def _last_began(service: Service) -> int | None:
    began = None
    for line in service.process.log.read_text(errors="replace").splitlines():
        if "decider.began" in line:
            with suppress(ValueError, KeyError):
                began = int(json.loads(line)["token"])
    return began


async def _until_next(databases: Databases, token: int, moment: float) -> float:
    while time.time() - moment < AT_MOST_SECONDS:
        with suppress(OSError, asyncpg.PostgresError, TimeoutError):
            present = await databases.decider_token()
            if present is not None and present > token:
                break
        await asyncio.sleep(LOOK_SECONDS)
    return time.time() - moment
