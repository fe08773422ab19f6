"""Starts again what ends by itself, later each time, and says so."""

import threading
import time
from collections.abc import Sequence
from typing import Final

from careline_local.parts.base import PartError
from careline_local.parts.processes import ProcessPart
from careline_local.system.progress import Progress

LOOK_EVERY_SECONDS: Final = 0.5
LONGEST_WAIT_SECONDS: Final = 30
# Whoever ran this long has recovered: his next end counts as his first.
RECOVERED_AFTER_SECONDS: Final = 60


class Supervisor:
    """Watches the processes of a system."""

    def __init__(self, parts: Sequence[ProcessPart], progress: Progress) -> None:
        """Take parts that have started."""
        self._parts = parts
        self._progress = progress
        self._ends: dict[str, int] = {}
        self._started_at = dict.fromkeys((part.name for part in parts), time.monotonic())
        self._due_at: dict[str, float] = {}

    def watch(self, stop: threading.Event) -> None:
        """Look again and again until told to stop."""
        while not stop.wait(LOOK_EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        """Start what has ended and whose wait is over."""
        now = time.monotonic()
        for part in self._parts:
            if part.process.pid is not None:
                continue
            if part.name not in self._due_at:
                self._note_end(part, now)
            elif now >= self._due_at[part.name]:
                self._start(part)

    def _note_end(self, part: ProcessPart, now: float) -> None:
        if now - self._started_at[part.name] > RECOVERED_AFTER_SECONDS:
            self._ends[part.name] = 0
        self._ends[part.name] = self._ends.get(part.name, 0) + 1
        wait_seconds = min(2 ** (self._ends[part.name] - 1), LONGEST_WAIT_SECONDS)
        self._due_at[part.name] = now + wait_seconds
        self._progress.say(
            f"  {part.name} ended by itself ({_how(part.process.exit_code)}) and starts again in {wait_seconds} s; "
            f"see {part.process.log}"
        )

    def _start(self, part: ProcessPart) -> None:
        del self._due_at[part.name]
        self._started_at[part.name] = time.monotonic()
        try:
            with self._progress.step(f"{part.name} is up again"):
                part.start()
        except PartError as fault:
            self._progress.say(f"  {fault}")


def _how(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return f"signal {-exit_code}"
    return f"exit code {exit_code}"
