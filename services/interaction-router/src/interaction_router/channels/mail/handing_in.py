"""Hands mails in to the mail server: what care sends and what agents answer alike.

What leaves by SMTP cannot be exactly once. So that it is known what is not known, it is committed that a mail is being
sent before the mail server is told anything; who dies after that leaves an `unknown`. Whoever sends holds a claim, a
lease with a fencing token: who was too slow finds that the token has moved on, and sends nothing.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import structlog
from prometheus_client import Counter

from careline.crash import crash_point
from careline.faults import is_transient
from interaction_router.channels.mail.smtp import (
    BrokenLineError,
    Mail,
    Outcome,
    Server,
    SmtpLine,
    open_line,
)

LEASE_SECONDS = 120.0
# The mail server does not answer: it is asked again after this, however long it takes.
AWAY_SECONDS = 5
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900
RESEND_PAUSE_SECONDS = 15
SETTLE_SECONDS = 30
RETRY_SECONDS = 0.5

_log = structlog.get_logger("router.mail")


class Written(Protocol):
    """A claimed mail that is ready to be handed in."""

    @property
    def mail(self) -> Mail:
        """What goes to the mail server."""


Item = TypeVar("Item", bound=Written)


@dataclass
class HandsIn(ABC, Generic[Item]):
    """Sends claimed mails in chunks; subclasses know where they are kept."""

    crash_name: ClassVar[str]
    tries: ClassVar[Counter]

    server: Server
    # How long whoever took mails may work on them.
    lease_seconds: float = field(default=LEASE_SECONDS, kw_only=True)
    # The fault that a negative control makes: a mail leaves before it is written down that it does.
    hand_in_first: bool = field(default=False, kw_only=True)
    monotonic: Callable[[], float] = field(default=monotonic, kw_only=True)
    _stopping: bool = field(default=False, init=False)
    _away_until: float = field(default=0.0, init=False)

    @abstractmethod
    async def begin(self, chunk: Sequence[Item]) -> list[Item]:
        """Commit that these are being sent, for as long as the lease; those that are still ours."""

    @abstractmethod
    async def settle(self, begun: Sequence[Item], results: Sequence[Outcome]) -> None:
        """Commit what came of each; it may be asked for again."""

    @abstractmethod
    async def postpone(self, chunk: Sequence[Item]) -> None:
        """Give these back for `AWAY_SECONDS`: it is no fault of theirs, and no try."""

    @property
    def away(self) -> bool:
        """Whether the mail server did not answer a moment ago."""
        return self.monotonic() < self._away_until

    async def send(self, chunk: Sequence[Item], line: SmtpLine | None) -> SmtpLine | None:
        """Hand one chunk in and write down what came of each; the line, if it is still open."""
        line = await self._line(line)
        if line is None:
            await self.postpone(chunk)
            return None
        # A process that was frozen in between must not send what others have taken for lost.
        deadline = self.monotonic() + self.lease_seconds - self.server.answer_seconds
        begun = list(chunk) if self.hand_in_first else await self.begin(chunk)
        crash_point(f"{self.crash_name}.sending")
        results = await line.send(
            [each.mail for each in begun], lambda: self.monotonic() < deadline and not self._stopping
        )
        crash_point(f"{self.crash_name}.handed_in")
        if self.hand_in_first:
            await self.begin(begun)
        await self._settle(begun, results)
        return line if line.open else None

    async def to_its_end(self, work: Coroutine[Any, Any, SmtpLine | None]) -> SmtpLine | None:
        """Let a chunk be written down before a cancellation is obeyed; no further body is begun meanwhile."""
        task = asyncio.create_task(work)
        cancelled = False
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError:
                cancelled = self._stopping = True
        line = task.result()
        if cancelled:
            hang_up(line)
            raise asyncio.CancelledError
        return line

    async def _line(self, line: SmtpLine | None) -> SmtpLine | None:
        if line is not None and await line.alive():
            return line
        try:
            return await open_line(self.server)
        except BrokenLineError as fault:
            _log.warning("smtp.away", reason=str(fault))
            self._away_until = self.monotonic() + AWAY_SECONDS
            return None

    async def _settle(self, begun: Sequence[Item], results: Sequence[Outcome]) -> None:
        """A database that is away for a moment must not make unknown what is known."""
        give_up = self.monotonic() + SETTLE_SECONDS
        while True:
            try:
                await self.settle(begun, results)
                break
            except Exception as fault:
                if not is_transient(fault) or self.monotonic() > give_up:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
        for result in results:
            self.tries.labels(result.value).inc()


def hang_up(line: SmtpLine | None) -> None:
    """Nothing more is sent over this line."""
    if line is not None:
        line.close()


def pause_seconds(tries: int) -> int:
    """How long to wait after this many tries that the server has put off."""
    return int(min(FIRST_PAUSE_SECONDS * 2 ** (tries - 1), LONGEST_PAUSE_SECONDS))
