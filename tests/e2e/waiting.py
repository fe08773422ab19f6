"""Waiting for what must come soon."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


async def eventually(
    look: Callable[[], Found | None], *, seconds: float, what: str, interval_seconds: float = 0.05
) -> Found:
    """What `look` finds at last; an AssertionError that says `what` did not come in time."""
    began = time.monotonic()
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what} did not come within {seconds} s")
        await asyncio.sleep(interval_seconds)


async def never(look: Callable[[], object], *, seconds: float, what: str) -> None:
    """See that something does not happen for a while."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert not look(), f"{what} must not happen"
        await asyncio.sleep(0.1)
