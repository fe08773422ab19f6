"""Sends care's mails: claims them, asks care for their contents, and hands them in over several open lines.

Of those that may have arrived, only a notice is sent once more, under the same Message-ID.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from prometheus_client import Counter

from interaction_router.channels.mail.handing_in import (
    AWAY_SECONDS,
    RESEND_PAUSE_SECONDS,
    HandsIn,
    hang_up,
    pause_seconds,
)
from interaction_router.channels.mail.smtp import Mail, Outcome, SmtpLine
from interaction_router.deliveries import repository
from interaction_router.deliveries.contents import MAX_ITEMS, Content
from interaction_router.deliveries.judging import judge
from interaction_router.deliveries.letter import House, Letter, UnsendableError, write_letter
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.repository import Ending, Settlement
from interaction_router.interactions.rows import Row

LINES = 4
# Mails that a line sends between two commits: the most that a killed process leaves unknown, for each line.
CHUNK = 25
CHUNKS_AHEAD = 40
POLL_SECONDS = 0.5
LAPSE_BATCH = 500

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
class Sender(HandsIn[Prepared]):
    """Sends what is due until cancelled; any number of processes may do so at once."""

    crash_name = "delivery"
    tries = TRIES

    office: Office
    house: House
    lines: int = LINES
    _ready: asyncio.Queue[list[Prepared]] = field(default_factory=lambda: asyncio.Queue(CHUNKS_AHEAD))

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
            if self.away or not await self.prepare_due():
                await self.office.arrived.wait(POLL_SECONDS)

    async def _send_on(self) -> None:
        line: SmtpLine | None = None
        try:
            while True:
                chunk = await self._ready.get()
                line = await self.to_its_end(self.send(chunk, line))
        finally:
            hang_up(line)

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

    async def begin(self, chunk: Sequence[Prepared]) -> list[Prepared]:
        """Commit that these are being sent; those that are still ours."""
        until = self.office.units.clock.now() + timedelta(seconds=self.lease_seconds)
        async with self.office.units.database.write_raw() as connection:
            mails = [(each.row["id"], each.row["claim"], each.message_id) for each in chunk]
            ours = await repository.begin(connection, mails, until)
        return [each for each in chunk if each.row["id"] in ours]

    async def settle(self, begun: Sequence[Prepared], results: Sequence[Outcome]) -> None:
        """Commit what came of each."""
        now = self.office.units.clock.now()
        settlements = _settlements(begun, results, now, self.office.units.business_clock.now())
        async with self.office.units.database.write_raw() as connection:
            await self.office.tell(connection, await repository.settle(connection, settlements, now), now)

    async def postpone(self, chunk: Sequence[Prepared]) -> None:
        """The mail server is away."""
        await self.office.postpone([each.row for each in chunk], AWAY_SECONDS)


def _settlements(
    begun: Sequence[Prepared], results: Sequence[Outcome], now: datetime, business_now: datetime
) -> list[Settlement]:
    """A server that took nothing of a chunk is not asked for the rest of it at once."""
    some = Outcome.SENT in results or Outcome.REFUSED in results
    rest_at = now if some else now + timedelta(seconds=AWAY_SECONDS)
    return [
        _settlement(each.row, result, now, rest_at, each.row["not_after"] - business_now)
        for each, result in zip(begun, results, strict=True)
    ]


def _settlement(row: Row, outcome: Outcome, now: datetime, rest_at: datetime, left: timedelta) -> Settlement:
    """The state that follows, and when to try again; `left` is the time in which care still wants it sent."""
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
    pause = timedelta(seconds=pause_seconds(row["attempts"] + 1))
    if pause > left:
        return Settlement(row["id"], row["claim"], "failed", reason="gave_up")
    return Settlement(row["id"], row["claim"], "queued", due_at=now + pause)
