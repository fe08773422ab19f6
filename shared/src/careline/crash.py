"""Named points at which a test lets a process die as if its power was cut."""

import os
import signal

_ARMED: list[str] = []


def arm(point: str | None) -> None:
    """Let the process kill itself when it comes to `point`. Only tests set this."""
    _ARMED[:] = [point] if point else []


def crash_point(name: str) -> None:
    """Die here with SIGKILL if `name` is armed; otherwise cost nothing."""
    if name in _ARMED:
        os.kill(os.getpid(), signal.SIGKILL)
