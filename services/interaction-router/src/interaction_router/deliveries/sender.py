"""Sends care's mails: claims them, asks care for their contents, and hands them in over several open lines.

What leaves by SMTP cannot be exactly once. So that it is known what is not known, `sending` is committed before the
mail server is told anything; who dies after that leaves an `unknown`, which only a notice leaves again, once, under
the same Message-ID.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from prometheus_client import Counter

from careline.crash import crash_point
from careline.faults import is_transient
from interaction_router.deliveries import repository
from interaction_router.deliveries.contents import MAX_ITEMS, Content
from interaction_router.deliveries.judging import AWAY_SECONDS, judge
from interaction_router.deliveries.letter import House, Letter, UnsendableError, write_letter
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.repository import Ending, Settlement
from interaction_router.deliveries.smtp import (
    BrokenLineError,
    Mail,
    Outcome,
    Server,
    SmtpLine,
    open_line,
)
from interaction_router.interactions.rows import Row

LINES = 4
# Mails that a line sends between two commits: the most that a killed process leaves unknown, for each line.
CHUNK = 25
CHUNKS_AHEAD = 40
POLL_SECONDS = 0.5
MAX_ATTEMPTS = 10
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 900
RESEND_PAUSE_SECONDS = 15
LAPSE_BATCH = 500
SETTLE_SECONDS = 30
RETRY_SECONDS = 0.5

TRIES = Counter("router_deliveries_tries_total", "Tries to send a mail of care, by outcome.", ["outcome"])
LAPSED = Counter("router_deliveries_lapsed_total", "Mails whose sender died while sending.")
_log = structlog.get_logger("router.deliveries")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claimed mail that is ready to be handed in."""

    row: Row
    message_id: str
    mail: Mail


@dataclass
class Sender:
    """Sends what is due until cancelled; any number of processes may do so at once."""

    office: Office
    server: Server
    house: House
    lines: int = LINES
    # The fault that a negative control makes: a mail leaves before it is written down that it does.
    hand_in_first: bool = False
    monotonic: Callable[[], float] = monotonic
    _ready: asyncio.Queue[list[Prepared]] = field(default_factory=lambda: asyncio.Queue(CHUNKS_AHEAD))
    _stopping: bool = False
    _away_until: float = 0.0

    async def run(self) -> None:
        """Claim and send; what is being handed in when the process stops is written down first."""
        self._stopping = False
        async with asyncio.TaskGroup() as group:
            group.create_task(self._claim_on())
            for _ in range(self.lines):
                group.create_task(self._send_on())

    async def _claim_on(self) -> None:
        while True:
            await self.notice_deaths()
            # Contents that nobody takes need not be asked for.
            if self.monotonic() < self._away_until or not await self.prepare_due():
                await self.office.arrived.wait(POLL_SECONDS)

    async def _send_on(self) -> None:
        line: SmtpLine | None = None
        while True:
            chunk = await self._ready.get()
            line = await self._to_its_end(self.send(chunk, line))

    async def prepare_due(self) -> int:
        """Claim a batch, ask care for it and put it before the lines; how many were claimed."""
        claimed = await self.office.claim("mail", MAX_ITEMS)
        prepared = await judge(self.office, claimed, self._prepare) if claimed else []
        if prepared is None:
            return 0
        for at in range(0, len(prepared), CHUNK):
            await self._ready.put(prepared[at : at + CHUNK])
        return len(claimed)

    async def notice_deaths(self) -> None:
        """Write down as unknown what a process was sending when it died."""
        now = self.office.units.clock.now()
        resend_at = now + timedelta(seconds=RESEND_PAUSE_SECONDS)
        async with self.office.units.database.write_raw() as connection:
            rows = await repository.lapse(connection, now, resend_at, LAPSE_BATCH)
            await self.office.tell(connection, rows, now)
        LAPSED.inc(len(rows))

    async def send(self, chunk: Sequence[Prepared], line: SmtpLine | None) -> SmtpLine | None:
        """Hand one chunk in and write down what came of each; the line, if it is still open."""
        line = await self._line(line)
        if line is None:
            await self.office.postpone([each.row for each in chunk], AWAY_SECONDS)
            return None
        # A process that was frozen in between must not send what others have taken for lost.
        deadline = self.monotonic() + self.office.lease_seconds - self.server.answer_seconds
        begun = list(chunk) if self.hand_in_first else await self._begin(chunk)
        crash_point("delivery.sending")
        results = await line.send(
            [each.mail for each in begun], lambda: self.monotonic() < deadline and not self._stopping
        )
        crash_point("delivery.handed_in")
        if self.hand_in_first:
            await self._begin(begun)
        await self._settle(begun, results)
        return line if line.open else None

    async def _line(self, line: SmtpLine | None) -> SmtpLine | None:
        if line is not None and await line.alive():
            return line
        try:
            return await open_line(self.server)
        except BrokenLineError as fault:
            _log.warning("smtp.away", reason=str(fault))
            self._away_until = self.monotonic() + AWAY_SECONDS
            return None

    def _prepare(self, row: Row, content: Content) -> Prepared | Ending:
        if content.to is None or not content.to.address:
            return Ending(row["id"], row["claim"], "failed", "no_address")
        letter = Letter(
            # The one it had the first time, whatever care says now.
            message_id=row["message_id"] or content.message_id or "",
            recipient_name=content.to.name,
            recipient=content.to.address,
            subject=content.subject or "",
            text=content.text or "",
            language=content.language,
            sent_at=self.office.units.clock.now(),
            unsubscribe_url=content.unsubscribe_url,
            notice=row["purpose"] == "service",
        )
        try:
            written = write_letter(self.house, letter)
        except UnsendableError as fault:
            _log.warning("mail.not_written", delivery=str(row["id"]), reason=str(fault))
            return Ending(row["id"], row["claim"], "failed", "bad_address")
        return Prepared(row, letter.message_id, Mail(letter.recipient, written))

    async def _begin(self, chunk: Sequence[Prepared]) -> list[Prepared]:
        until = self.office.units.clock.now() + timedelta(seconds=self.office.lease_seconds)
        async with self.office.units.database.write_raw() as connection:
            mails = [(each.row["id"], each.row["claim"], each.message_id) for each in chunk]
            ours = await repository.begin(connection, mails, until)
        return [each for each in chunk if each.row["id"] in ours]

    async def _settle(self, begun: Sequence[Prepared], results: Sequence[Outcome]) -> None:
        """A database that is away for a moment must not make unknown what is known."""
        give_up = self.monotonic() + SETTLE_SECONDS
        while True:
            now = self.office.units.clock.now()
            settlements = _settlements(begun, results, now)
            try:
                async with self.office.units.database.write_raw() as connection:
                    await self.office.tell(connection, await repository.settle(connection, settlements, now), now)
                break
            except Exception as fault:
                if not is_transient(fault) or self.monotonic() > give_up:
                    raise
                await asyncio.sleep(RETRY_SECONDS)
        for result in results:
            TRIES.labels(result.value).inc()

    async def _to_its_end(self, work: Coroutine[Any, Any, SmtpLine | None]) -> SmtpLine | None:
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
            raise asyncio.CancelledError
        return line


def _settlements(begun: Sequence[Prepared], results: Sequence[Outcome], now: datetime) -> list[Settlement]:
    """A server that took nothing of a chunk is not asked for the rest of it at once."""
    some = Outcome.SENT in results or Outcome.REFUSED in results
    rest_at = now if some else now + timedelta(seconds=AWAY_SECONDS)
    return [_settlement(each.row, result, now, rest_at) for each, result in zip(begun, results, strict=True)]


def _settlement(row: Row, outcome: Outcome, now: datetime, rest_at: datetime) -> Settlement:
    """The state that follows, and when to try again."""
    attempts = row["attempts"] + 1
    match outcome:
        case Outcome.SENT:
            return Settlement(row["id"], row["claim"], "sent")
        case Outcome.REFUSED:
            return Settlement(row["id"], row["claim"], "failed", reason="refused")
        case Outcome.LOST:
            again = row["purpose"] == "service" and row["lost"] == 0
            resend_at = now + timedelta(seconds=RESEND_PAUSE_SECONDS) if again else None
            return Settlement(row["id"], row["claim"], "unknown", due_at=resend_at)
        case Outcome.NOT_BEGUN:
            return Settlement(row["id"], row["claim"], "queued", due_at=rest_at, not_begun=True)
        case Outcome.LATER if attempts >= MAX_ATTEMPTS:
            return Settlement(row["id"], row["claim"], "failed", reason="gave_up")
    pause = min(FIRST_PAUSE_SECONDS * 2 ** (attempts - 1), LONGEST_PAUSE_SECONDS)
    return Settlement(row["id"], row["claim"], "queued", due_at=now + timedelta(seconds=pause))
