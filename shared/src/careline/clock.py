"""Time is handed in. Logic never reads a clock of its own."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; every moment is aware and in UTC."""

    def now(self) -> datetime:
        """The present moment."""


class SystemClock:
    """The machine's clock: for leases, tokens and time-outs."""

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that moves only when told: for tests and replays."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The moment it was set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward; a clock of ours never goes back."""
        if seconds < 0:
            raise ValueError("a clock is never moved back")
        self._now += timedelta(seconds=seconds)
