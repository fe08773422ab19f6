"""Sends agents' answers, one at a time: a killed process leaves no more than one unknown.

An answer that may have arrived is sent once more under the same Message-ID. A mail server that is away costs an
answer nothing but time, as long as it is not too old.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Counter

from interaction_router.channels.mail import repository, undelivered
from interaction_router.channels.mail.handing_in import (
    AWAY_SECONDS,
    RESEND_PAUSE_SECONDS,
    HandsIn,
    hang_up,
    pause_seconds,
)
from interaction_router.channels.mail.identity import address_of
from interaction_router.channels.mail.reply import Reply, build_reply
from interaction_router.channels.mail.repository import Fate
from interaction_router.channels.mail.smtp import Mail, Outcome, SmtpLine
from interaction_router.deliveries.letter import ADDRESS
from interaction_router.events import MessageSent
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.rows import Row
from interaction_router.one_by_one import OneByOne
from interaction_router.unit import Unit, Units

BATCH = 10
POLL_SECONDS = 1.0
CLAIM_SECONDS = 120
# RFC 5321, section 4.5.4.1: who retries gives up after four to five days.
GIVE_UP_AFTER = timedelta(days=5)

SENT = Counter("router_mails_sent_total", "Tries to send a mail, by outcome.", ["outcome"])
_log = structlog.get_logger("router.mail")


@dataclass(frozen=True, slots=True)
class Answer:
    """A claimed answer that is ready to be handed in."""

    row: Row
    mail: Mail


@dataclass
class Outgoing(HandsIn[Answer]):
    """Sends what is due until cancelled; any number of processes may do so at once."""

    crash_name = "mail"
    tries = SENT

    units: Units
    sender_name: str
    _open: SmtpLine | None = field(default=None, init=False)
    _deaths: OneByOne = field(default_factory=lambda: OneByOne("answers", _lapse), init=False)

    async def run(self) -> None:
        """Send until cancelled; what is being handed in then is written down first."""
        self._stopping = False
        try:
            while True:
                if not await self.send_due():
                    await self.units.mail.wait(POLL_SECONDS)
        finally:
            self.hang_up()

    async def send_due(self) -> int:
        """Send one batch and return how many were in it."""
        await self._notice_deaths()
        if self.away:
            return 0
        async with self.units.begin() as unit:
            until = unit.now + timedelta(seconds=CLAIM_SECONDS)
            due = await repository.claim_outgoing(unit.connection, unit.now, until, BATCH)
        answers = [answer for row in due if (answer := await self._prepare(row)) is not None]
        for at, answer in enumerate(answers):
            if self.away:
                await self.postpone(answers[at:])
                break
            self._open = await self.to_its_end(self.send([answer], self._open))
        return len(due)

    def hang_up(self) -> None:
        """Nothing more is sent for now."""
        hang_up(self._open)
        self._open = None

    async def begin(self, chunk: Sequence[Answer]) -> list[Answer]:
        """Commit that these are being sent; those that are still ours."""
        async with self.units.begin() as unit:
            until = unit.now + timedelta(seconds=self.lease_seconds)
            return [each for each in chunk if await repository.begin(unit.connection, each.row, until)]

    async def settle(self, begun: Sequence[Answer], results: Sequence[Outcome]) -> None:
        """Commit what came of each."""
        for each, outcome in zip(begun, results, strict=True):
            await self._write_down(each.row, _fate(each.row, outcome, self.units.clock.now()))

    async def postpone(self, chunk: Sequence[Answer]) -> None:
        """The mail server is away."""
        async with self.units.begin() as unit:
            due_at = unit.now + timedelta(seconds=AWAY_SECONDS)
            await repository.postpone(unit.connection, [each.row for each in chunk], due_at)

    async def _notice_deaths(self) -> None:
        async with self.units.database.read_raw() as connection:
            dead = await repository.dead(connection, self.units.clock.now(), self._deaths.limit)
        await self._deaths.run(self.units, dead)

    async def _prepare(self, row: Row) -> Answer | None:
        """The mail of a claimed answer; None if it is not sent any more."""
        now = self.units.clock.now()
        if now - row["asked_at"] > GIVE_UP_AFTER:
            await self._write_down(row, _given_up(row))
            return None
        recipient = address_of(row["contact"])
        async with self.units.database.read_raw() as connection:
            references = await repository.thread_of(connection, row["interaction_id"], row["seq"])
        try:
            content = self._written(row, recipient, references)
        except ValueError as fault:
            _log.warning("mail.not_written", message=str(row["id"]), reason=str(fault))
            await self._write_down(row, Fate("failed"))
            return None
        return Answer(row, Mail(recipient, content, copies=tuple(row["cc"])))

    def _written(self, row: Row, recipient: str, references: Sequence[str]) -> bytes:
        if not ADDRESS.fullmatch(recipient):
            raise ValueError("the address is none")
        return build_reply(
            Reply(
                message_id=row["external_id"],
                sender_name=self.sender_name,
                sender=self.server.sender,
                recipient_name=row["customer_name"] if "@" not in row["customer_name"] else "",
                recipient=recipient,
                subject=row["subject"],
                text=row["text"],
                sent_at=row["sent_at"],
                references=references,
                cc=row["cc"],
            )
        )

    async def _write_down(self, row: Row, fate: Fate) -> None:
        async with self.units.begin() as unit:
            # The interaction is locked before the message, as where messages are added.
            work = await interactions.lock(unit.connection, row["interaction_id"])
            if work is None or not await repository.settle(unit.connection, row, fate):
                return
            unit.changed.add(row["interaction_id"])
            unit.new_messages.append(row["id"])
            if fate.state == "sent":
                moved = await interactions.next_version(unit.connection, work["id"], unit.now)
                sent = MessageSent(interaction_id=work["id"], message_id=row["id"], channel="mail")
                await unit.emit(sent, work["id"], moved["version"])
            elif fate.due_at is None:
                await undelivered.note_end(unit, work, row["id"], fate.state)


async def _lapse(unit: Unit, message_id: UUID) -> None:
    """Its sender died while sending."""
    found = await unit.connection.fetchval("SELECT interaction_id FROM messages WHERE id = $1", message_id)
    work = await interactions.lock(unit.connection, found)
    resend_at = unit.now + timedelta(seconds=RESEND_PAUSE_SECONDS)
    row = await repository.lapse(unit.connection, message_id, unit.now, resend_at)
    if work is None or row is None:
        return
    unit.changed.add(work["id"])
    unit.new_messages.append(message_id)
    if row["delivery_due_at"] is None:
        await undelivered.note_end(unit, work, message_id, "unknown")


def _fate(row: Row, outcome: Outcome, now: datetime) -> Fate:
    """The state that follows, and when to try again."""
    match outcome:
        case Outcome.SENT:
            return Fate("sent")
        case Outcome.REFUSED:
            return Fate("failed")
        case Outcome.LOST:
            again = now + timedelta(seconds=RESEND_PAUSE_SECONDS) if row["delivery_lost"] == 0 else None
            return Fate("unknown", again, lost=True)
        case Outcome.NOT_BEGUN:
            return Fate(row["delivery"], now, not_begun=True)
    again = now + timedelta(seconds=pause_seconds(row["delivery_tries"] + 1))
    return Fate(row["delivery"], again) if again - row["asked_at"] <= GIVE_UP_AFTER else _given_up(row)


def _given_up(row: Row) -> Fate:
    """Who gives up on an answer that may have arrived still does not know whether it has."""
    return Fate("unknown" if row["delivery"] == "unknown" else "failed")
