"""Loops that run beside the requests: each is begun again when it fails, and is seen when it does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from prometheus_client import Counter

from careline.faults import is_transient

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 3.0
STOP_ATTEMPTS = 10
STOP_ATTEMPT_SECONDS = 0.5

FAILURES = Counter("careline_background_failures_total", "Ends of background loops by an exception.", ["loop"])

_log = structlog.get_logger("careline.background")


@dataclass(frozen=True)
class Loop:
    """A named coroutine function that runs until cancelled."""

    name: str
    run: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Periodic:
    """A named coroutine function that is run again and again."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[None]]

    def as_loop(self) -> Loop:
        """The loop that runs it, then waits."""

        async def repeat() -> None:
            while True:
                await self.run()
                await asyncio.sleep(self.every_seconds)

        return Loop(self.name, repeat)


async def keep_running(loop: Loop) -> None:
    """Run `loop` until cancelled; after a failure begin again, with a pause that grows to three seconds."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        begun = asyncio.get_running_loop().time()
        try:
            await loop.run()
        except Exception as fault:  # noqa: BLE001 -- whatever ended the loop, it begins again
            FAILURES.labels(loop.name).inc()
            if is_transient(fault):
                _log.warning("loop.interrupted", loop=loop.name, reason=type(fault).__name__)
            else:
                _log.exception("loop.failed", loop=loop.name)
        if asyncio.get_running_loop().time() - begun > LONGEST_PAUSE_SECONDS * 3:
            pause = FIRST_PAUSE_SECONDS
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


class Background:
    """The running loops of one process."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, loops: list[Loop]) -> None:
        """Begin all loops."""
        self._tasks += [asyncio.create_task(keep_running(loop), name=loop.name) for loop in loops]

    async def stop(self) -> None:
        """Cancel all loops and wait for their ends, five seconds at the most.

        The Kafka client swallows a cancellation now and then while it waits for metadata, so each is asked again.
        """
        pending = set(self._tasks)
        self._tasks.clear()
        for _ in range(STOP_ATTEMPTS):
            for task in pending:
                task.cancel()
            if pending:
                _, pending = await asyncio.wait(pending, timeout=STOP_ATTEMPT_SECONDS)
        for task in pending:
            _log.error("loop.abandoned", loop=task.get_name())
