"""Two routers, of which one decides: it is killed or frozen, and the other must decide within five seconds."""

import asyncio
import json
import time
from contextlib import suppress

import asyncpg

from careline_local.system.services import Service
from tests.faults.injury import FREEZE_SECONDS, Injury, Mended, NotInjuredError
from tests.faults.observation import Databases
from tests.faults.stand import RESTART_AFTER_SECONDS, Stand

LOOK_SECONDS = 0.05
AT_MOST_SECONDS = 20.0


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


async def _decider(stand: Stand, databases: Databases) -> tuple[Service, int]:
    """The process that holds the lease, which says in its log that it began with this token."""
    deadline = time.monotonic() + AT_MOST_SECONDS
    while time.monotonic() < deadline:
        token = await databases.decider_token()
        for service in stand.services:
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
