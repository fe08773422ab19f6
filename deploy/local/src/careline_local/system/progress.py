"""One line for each step of a start, with the seconds that it took."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Say = Callable[[str], None]


class Progress:
    """Says what was done; usable from several threads."""

    def __init__(self, say: Say = print) -> None:
        """`say` takes whole lines."""
        self._say = say
        self._lock = threading.Lock()
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.started

    def say(self, line: str) -> None:
        """Say one line."""
        with self._lock:
            self._say(line)

    @contextmanager
    def step(self, done: str) -> Iterator[None]:
        """Say that a step is done, once it is."""
        began = time.monotonic()
        yield
        self.say(f"  {done} ({time.monotonic() - began:.1f} s)")
