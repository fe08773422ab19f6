"""stack and demo.alive_s: `make run` on a fresh checkout, `make demo` beside it, and `make run` again.

Seconds of a start are from the command to the line that says that Careline is up; the first one downloads everything.
Memory is the proportional set size of all servers and the launcher, idle after the demo data. The city is alive when
the wall board counts its first interaction, as a supervisor's page sees it.
"""

import asyncio
import re
from time import monotonic

from bench.checkout import Checkout, clone, fresh_checkout, output, running, saying
from bench.rows import Figure
from careline_local.demo.api import PersonCaller
from careline_local.system.folders import Folders
from careline_local.system.vault import Vault

IDS = ("stack.pss_mb", "stack.first_start_s", "stack.next_start_s", "demo.alive_s")
FIRST_SECONDS_AT_MOST = 600.0
NEXT_SECONDS_AT_MOST = 120.0
CITY_SECONDS_AT_MOST = 180.0
IDLE_SECONDS = 20.0
LOOK_SECONDS = 0.2
MEBIBYTE = 1024 * 1024
MEGABYTE = 1_000_000

_SUM = re.compile(r"sum \(PSS\)\s+([0-9.]+) MiB")


async def measure() -> list[Figure]:
    """Two starts of one checkout, and the city in between."""
    with fresh_checkout() as checkout:
        await clone(checkout)
        async with running(checkout, FIRST_SECONDS_AT_MOST) as first:
            await asyncio.sleep(IDLE_SECONDS)
            megabytes = await _memory(checkout)
            alive = await _alive(checkout)
        async with running(checkout, NEXT_SECONDS_AT_MOST) as second:
            pass
    return [
        Figure(IDS[0], megabytes, note=f"{IDLE_SECONDS:.0f} s after the start"),
        Figure(IDS[1], first, note="with all downloads"),
        Figure(IDS[2], second),
        Figure(IDS[3], alive),
    ]


async def _memory(checkout: Checkout) -> float:
    told = await output("make", "-s", "status", cwd=checkout.folder, env=checkout.environment)
    found = _SUM.search(told)
    if found is None:
        raise RuntimeError(f"`make status` said no sum:\n{told}")
    return float(found[1]) * MEBIBYTE / MEGABYTE


async def _alive(checkout: Checkout) -> float:
    """Seconds from `make demo` until the wall board has counted an interaction more than before."""
    password = Vault(Folders(checkout.state).secrets).password("person admin")
    supervisor = await asyncio.to_thread(PersonCaller, checkout.addresses.public_url, "admin", password)
    try:
        before = await _counted(supervisor)
        begun = monotonic()
        async with saying(checkout, "demo", until="The city lives", seconds=CITY_SECONDS_AT_MOST):
            while await _counted(supervisor) <= before:
                if monotonic() - begun > CITY_SECONDS_AT_MOST:
                    raise RuntimeError("nothing of the city reached the wall board")
                await asyncio.sleep(LOOK_SECONDS)
            return monotonic() - begun
    finally:
        supervisor.close()


async def _counted(supervisor: PersonCaller) -> int:
    board = await asyncio.to_thread(supervisor.get, "/api/router/v1/wall-board")
    return sum(queue["offered"] for queue in board["queues"])
