"""Negative controls: faults put in on purpose, so that the fault tests can prove that they would see them.

No deployment sets these; `make faults-controls` does, and fails unless each turns the checker red.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

LATE_SECONDS = 0.3

Handle = TypeVar("Handle")

_late: set[asyncio.Task[None]] = set()


@asynccontextmanager
async def committed_after_answer(transaction: AbstractAsyncContextManager[Handle]) -> AsyncIterator[Handle]:
    """The fault that FastAPI's default scope makes: the answer leaves, and some time later the commit follows."""
    handle = await transaction.__aenter__()
    try:
        yield handle
    except BaseException:
        if not await transaction.__aexit__(*sys.exc_info()):
            raise
        return

    async def commit_late() -> None:
        await asyncio.sleep(LATE_SECONDS)
        await transaction.__aexit__(None, None, None)

    task = asyncio.create_task(commit_late())
    _late.add(task)
    task.add_done_callback(_late.discard)
