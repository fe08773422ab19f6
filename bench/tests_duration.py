"""test.seconds: how long `make test` takes here, with everything installed. It must pass, or there is no figure."""

import asyncio
from time import monotonic

from bench.rows import Figure
from careline_local import paths

IDS = ("test.seconds",)
SECONDS_AT_MOST = 1500.0


async def measure() -> list[Figure]:
    """One run."""
    begun = monotonic()
    process = await asyncio.create_subprocess_exec(
        "make", "test", cwd=paths.CHECKOUT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(SECONDS_AT_MOST):
            output, _ = await process.communicate()
    except TimeoutError:
        process.terminate()
        raise
    lines = output.decode(errors="replace").strip().splitlines()
    if process.returncode != 0:
        raise RuntimeError("`make test` failed:\n" + "\n".join(lines[-20:]))
    return [Figure(IDS[0], monotonic() - begun, note=lines[-1])]
