"""What every part can do, whatever runs it."""

import time
from collections.abc import Callable
from typing import Protocol


class PartError(Exception):
    """A part did not do what it was asked; the message is a sentence for the person at the terminal."""


class Part(Protocol):
    """A server that can be started, found, broken and mended.

    Data outlive `stop` and `kill`; a later `start` on the same folder finds them and uses the same address.
    """

    name: str

    @property
    def address(self) -> str:
        """Where clients find it: a URL or `host:port`, the same after every restart."""

    def start(self) -> None:
        """Start and return when it answers. Starting a running part does nothing."""

    def ready(self) -> bool:
        """Whether it answers now; never raises."""

    def kill(self) -> None:
        """End every process of it at once, as a lost machine would (SIGKILL)."""

    def freeze(self) -> None:
        """Halt every process of it without ending one (SIGSTOP)."""

    def thaw(self) -> None:
        """Let a frozen part go on (SIGCONT)."""

    def stop(self) -> None:
        """End it in good order. Stopping a stopped part does nothing."""


class MailServer(Part, Protocol):
    """A part that speaks SMTP and IMAP."""

    smtp_port: int
    imap_port: int
    mailboxes: dict[str, str]
    """Addresses with their passwords."""


def wait_until(condition: Callable[[], bool], *, seconds: float, interval_seconds: float = 0.03) -> bool:
    """Ask again until the condition holds; say whether it did in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(interval_seconds)
    return True
