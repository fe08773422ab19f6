"""Wakes the lines of this process when something of theirs was committed.

A wake-up only saves the wait for the next poll; what there is to send is read from the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from careline.wakeups import Wakeup
from interaction_router.desk.schemas import Counts


class Hub:
    """Open lines by what they watch: an agent's desk or one interaction."""

    def __init__(self) -> None:
        self._lines: defaultdict[UUID, set[Wakeup]] = defaultdict(set)
        # How much is in hand and how much waits, by agent, as the pulse last counted it.
        self.counts: dict[UUID, Counts] = {}

    def notify(self, agents: Iterable[UUID], interactions: Iterable[UUID]) -> None:
        """Wake the lines of these agents and of these interactions."""
        for watched in (*agents, *interactions):
            for line in self._lines.get(watched, ()):
                line.set()

    @contextmanager
    def watch(self, watched: UUID) -> Iterator[Wakeup]:
        """A line that is woken until the end of the block."""
        line = Wakeup()
        self._lines[watched].add(line)
        try:
            yield line
        finally:
            self._lines[watched].discard(line)
            if not self._lines[watched]:
                del self._lines[watched]

    def watched(self) -> list[UUID]:
        """Everything that has a line in this process."""
        return list(self._lines)
