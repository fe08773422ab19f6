"""No fault test runs for ever: when its time is over, everything it started is ended and it says so."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from careline_local.parts.processes import end_leftover

TIME_IS_OVER = 3


@contextmanager
def watchdog(seconds: float, folder: Path) -> Iterator[None]:
    """End the process if the block takes longer, and the servers whose records lie below `folder`."""

    def bite() -> None:
        print(f"The fault tests did not end within {seconds:.0f} s.", file=sys.stderr, flush=True)  # noqa: T201 -- its purpose
        for record in folder.glob("**/process.json"):
            end_leftover(record.parent)
        os._exit(TIME_IS_OVER)

    timer = threading.Timer(seconds, bite)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
