"""A fresh checkout of what is committed here, and `make run` in it as a newcomer starts it.

The commit that is checked out here is cloned into a temporary folder and started with demo data on free ports; no
cache of this user is used, so the first start downloads everything.
"""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from careline_local import paths
from careline_local.system.addresses import Addresses, variable

COMMAND_SECONDS_AT_MOST = 120.0
STOP_SECONDS_AT_MOST = 90.0


@dataclass(frozen=True)
class Checkout:
    """Where it is, and what its commands are told."""

    folder: Path
    addresses: Addresses
    environment: dict[str, str]

    @property
    def state(self) -> Path:
        """Where everything that it installs and keeps is."""
        return self.folder / paths.STATE.relative_to(paths.CHECKOUT)


@contextmanager
def fresh_checkout() -> Iterator[Checkout]:
    """A clone with an empty home; it is deleted afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="careline-bench-"))
    addresses = Addresses.free()
    try:
        yield Checkout(folder / "careline", addresses, _environment(folder / "home", addresses))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def clone(checkout: Checkout) -> None:
    """Check out the commit that is checked out here."""
    await output("git", "clone", "--quiet", "--no-hardlinks", str(paths.CHECKOUT), str(checkout.folder))


@asynccontextmanager
async def running(checkout: Checkout, seconds: float) -> AsyncIterator[float]:
    """`make run` during the block; gives the seconds that its start took."""
    async with saying(checkout, "run", until="Careline is up", seconds=seconds) as took:
        yield took


@asynccontextmanager
async def saying(checkout: Checkout, target: str, *, until: str, seconds: float) -> AsyncIterator[float]:
    """A target of make during the block, which begins when its output holds `until`; the seconds until then."""
    begun = monotonic()
    process = await asyncio.create_subprocess_exec(
        "make",
        target,
        cwd=checkout.folder,
        env=checkout.environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    said: list[str] = []
    reading = asyncio.create_task(_read(process, said, until, seen := asyncio.Event()))
    try:
        waiting = asyncio.create_task(seen.wait())
        await asyncio.wait([reading, waiting], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        took = monotonic() - begun
        waiting.cancel()
        if not seen.is_set():
            told = "".join(said[-15:])
            raise RuntimeError(f"`make {target}` did not say {until!r} within {took:.0f} s. It said:\n{told}")
        yield took
    finally:
        await _stop(process)
        await asyncio.wait([reading], timeout=5)


async def output(*command: str, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """What a command printed; RuntimeError if it failed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(COMMAND_SECONDS_AT_MOST):
        printed, _ = await process.communicate()
    told = printed.decode(errors="replace")
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{told[-2000:]}")
    return told


async def _read(process: asyncio.subprocess.Process, said: list[str], until: str, seen: asyncio.Event) -> None:
    assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
    async for line in process.stdout:
        said.append(line.decode(errors="replace"))
        if until in said[-1]:
            seen.set()


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Ctrl-C, as the terminal sends it to the whole group; by force only if that does not help."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.returncode is None:
            os.killpg(process.pid, number)
            ending = asyncio.create_task(process.wait())
            await asyncio.wait([ending], timeout=STOP_SECONDS_AT_MOST)


def _environment(home: Path, addresses: Addresses) -> dict[str, str]:
    home.mkdir()
    kept = {
        name: text for name, text in os.environ.items() if not name.startswith(("XDG_", "UV_", "npm_", "CARELINE_"))
    }
    ports = {variable(name): str(port) for name, port in addresses.ports.items()}
    return kept | ports | {"HOME": str(home), "DEMO": "1"}
