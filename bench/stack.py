"""stack: `make run` on a fresh checkout with an empty home, as a newcomer starts it, and again afterwards.

The commit that is checked out here is cloned into a temporary folder and started with demo data on free ports; no
cache of this user is used, so the first start downloads everything. Seconds are from the command to the line that
says that Careline is up. Memory is the proportional set size of all servers and the launcher, idle after the demo.
"""

import asyncio
import os
import re
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from bench.rows import Figure
from careline_local import paths
from careline_local.system.addresses import Addresses, variable

IDS = ("stack.pss_mb", "stack.first_start_s", "stack.next_start_s")
FIRST_SECONDS_AT_MOST = 600.0
NEXT_SECONDS_AT_MOST = 120.0
STOP_SECONDS_AT_MOST = 90.0
IDLE_SECONDS = 20.0
MEBIBYTE = 1024 * 1024
MEGABYTE = 1_000_000

_SUM = re.compile(r"sum \(PSS\)\s+([0-9.]+) MiB")


async def measure() -> list[Figure]:
    """Two starts of one checkout."""
    folder = Path(tempfile.mkdtemp(prefix="careline-bench-"))
    try:
        checkout = folder / "careline"
        await _output("git", "clone", "--quiet", "--no-hardlinks", str(paths.CHECKOUT), str(checkout))
        environment = _environment(folder / "home")
        async with _running(checkout, environment, FIRST_SECONDS_AT_MOST) as first:
            await asyncio.sleep(IDLE_SECONDS)
            told = await _output("make", "-s", "status", cwd=checkout, env=environment)
        async with _running(checkout, environment, NEXT_SECONDS_AT_MOST) as second:
            pass
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    found = _SUM.search(told)
    if found is None:
        raise RuntimeError(f"`make status` said no sum:\n{told}")
    return [
        Figure(IDS[0], float(found[1]) * MEBIBYTE / MEGABYTE, note=f"{IDLE_SECONDS:.0f} s after the start"),
        Figure(IDS[1], first, note="with all downloads"),
        Figure(IDS[2], second),
    ]


@asynccontextmanager
async def _running(checkout: Path, environment: dict[str, str], seconds: float) -> AsyncIterator[float]:
    """`make run` during the block; gives the seconds that its start took."""
    begun = monotonic()
    process = await asyncio.create_subprocess_exec(
        "make",
        "run",
        cwd=checkout,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    said: list[str] = []
    reading = asyncio.create_task(_read(process, said, up := asyncio.Event()))
    try:
        waiting = asyncio.create_task(up.wait())
        await asyncio.wait([reading, waiting], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        took = monotonic() - begun
        waiting.cancel()
        if not up.is_set():
            raise RuntimeError(f"`make run` was not up after {took:.0f} s. It said:\n{''.join(said[-15:])}")
        yield took
    finally:
        await _stop(process)
        await asyncio.wait([reading], timeout=5)


async def _read(process: asyncio.subprocess.Process, said: list[str], up: asyncio.Event) -> None:
    assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
    async for line in process.stdout:
        said.append(line.decode(errors="replace"))
        if "Careline is up" in said[-1]:
            up.set()


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ctrl-C, as the terminal sends it to the whole group; by force only if that does not help."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.returncode is None:
            os.killpg(process.pid, number)
            ending = asyncio.create_task(process.wait())
            await asyncio.wait([ending], timeout=STOP_SECONDS_AT_MOST)


def _environment(home: Path) -> dict[str, str]:
    home.mkdir()
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("XDG_", "UV_", "npm_", "CARELINE_"))
    }
    ports = {variable(name): str(port) for name, port in Addresses.free().ports.items()}
    return kept | ports | {"HOME": str(home), "DEMO": "1"}


async def _output(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(NEXT_SECONDS_AT_MOST):
        output, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output.decode(errors='replace')[-2000:]}")
    return output.decode(errors="replace")
