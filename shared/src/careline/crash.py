"""Named points at which a test lets a process die as if its power was cut, or freeze as if its machine stalled."""

import os
import signal

_ARMED: dict[str, signal.Signals] = {}


def arm(point: str | None) -> None:
    """Let the process kill itself when it comes to `point`, or halt there once if it is `point=SIGSTOP`. Tests only."""
    _ARMED.clear()
    if point:
        name, _, number = point.partition("=")
        _ARMED[name] = signal.Signals[number or "SIGKILL"]


def crash_point(name: str) -> None:
    """Die or halt here if `name` is armed; otherwise cost nothing."""
    if name in _ARMED:
        os.kill(os.getpid(), _ARMED.pop(name))
