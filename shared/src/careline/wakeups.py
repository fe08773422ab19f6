"""A wake-up: work may be there. It saves waiting for the next poll and is never the only way to find work."""

import asyncio


class Wakeup:
    """Set by whoever commits work, waited for by the loop that does it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        """Work may be there."""
        self._event.set()

    async def wait(self, at_most_seconds: float) -> bool:
        """Wait until set or until the time is over, and clear; whether it was set."""
        try:
            # No task of its own: whoever waits goes on two turns of the loop earlier, which counts when it is full.
            async with asyncio.timeout(at_most_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
