"""Sends agents' answers.

SMTP cannot promise once: a mail whose answer was lost is sent once more under the same Message-ID.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

import aiosmtplib
import structlog
from prometheus_client import Counter

from careline.crash import crash_point
from interaction_router.channels.mail import repository
from interaction_router.channels.mail.arrivals import address_of
from interaction_router.channels.mail.reply import Reply, build_reply
from interaction_router.events import MessageSent
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.rows import Row
from interaction_router.unit import Units

BATCH = 10
POLL_SECONDS = 1.0
SMTP_SECONDS = 20
CLAIM_SECONDS = 90
MAX_TRIES = 10
MAX_LOST = 1
FIRST_PAUSE_SECONDS = 5
LONGEST_PAUSE_SECONDS = 600
RESEND_PAUSE_SECONDS = 15
PERMANENT = 500

SENT = Counter("router_mails_sent_total", "Tries to send a mail, by outcome.", ["outcome"])
_log = structlog.get_logger("router.mail")


class Outcome(Enum):
    """What came of a try."""

    SENT = auto()
    LATER = auto()
    REFUSED = auto()
    LOST = auto()


@dataclass
class Outgoing:
    """Sends what is due."""

    units: Units
    host: str
    port: int
    address: str
    sender_name: str

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            if not await self.send_due():
                await self.units.mail.wait(POLL_SECONDS)

    async def send_due(self) -> int:
        """Send one batch and return how many were in it."""
        async with self.units.begin() as unit:
            until = unit.now + timedelta(seconds=CLAIM_SECONDS)
            due = await repository.claim_outgoing(unit.connection, unit.now, until, BATCH)
        for row in due:
            lost_before = row["delivery_lost"]
            outcome = Outcome.LOST if lost_before > MAX_LOST else await self._send(row)
            crash_point("mail.after_send")
            await self._settle(row, outcome)
        return len(due)

    async def _send(self, row: Row) -> Outcome:
        async with self.units.database.read_raw() as connection:
            references = await repository.thread_of(connection, row["interaction_id"], row["seq"])
        recipient = address_of(row["contact"])
        try:
            content = build_reply(
                Reply(
                    message_id=row["external_id"],
                    sender_name=self.sender_name,
                    sender=self.address,
                    recipient_name=row["customer_name"] if "@" not in row["customer_name"] else "",
                    recipient=recipient,
                    subject=row["subject"],
                    text=row["text"],
                    sent_at=row["sent_at"],
                    references=references,
                    cc=row["cc"],
                )
            )
        except ValueError:
            _log.exception("mail.not_built", message=str(row["id"]))
            return Outcome.REFUSED
        return await self._hand_over([recipient, *row["cc"]], content)

    async def _hand_over(self, recipients: list[str], content: bytes) -> Outcome:
        """Until DATA begins nothing can have left; after it only the server's answer tells."""
        client = aiosmtplib.SMTP(
            hostname=self.host, port=self.port, timeout=SMTP_SECONDS, start_tls=None, use_tls=False
        )
        try:
            await client.connect()
            await client.mail(self.address)
            for each in recipients:
                await client.rcpt(each)
        except aiosmtplib.SMTPResponseException as fault:
            client.close()
            return Outcome.REFUSED if fault.code >= PERMANENT else Outcome.LATER
        except (aiosmtplib.SMTPException, OSError):
            client.close()
            return Outcome.LATER
        try:
            await client.data(content)
        except aiosmtplib.SMTPResponseException as fault:
            return Outcome.REFUSED if fault.code >= PERMANENT else Outcome.LATER
        except (aiosmtplib.SMTPException, OSError):
            return Outcome.LOST
        finally:
            client.close()
        return Outcome.SENT

    async def _settle(self, row: Row, outcome: Outcome) -> None:
        SENT.labels(outcome.name.lower()).inc()
        async with self.units.begin() as unit:
            # The interaction is locked before the message, as where messages are added.
            if await interactions.lock(unit.connection, row["interaction_id"]) is None:
                return
            delivery, pause = _next(row, outcome)
            settled = await repository.settle(
                unit.connection,
                row["id"],
                row["delivery_tries"],
                delivery,
                due_at=unit.now + timedelta(seconds=pause) if pause else None,
                lost=outcome is Outcome.LOST,
            )
            if not settled:
                return
            unit.changed.add(row["interaction_id"])
            unit.new_messages.append(row["id"])
            moved = await interactions.next_version(unit.connection, row["interaction_id"], unit.now)
            if outcome is Outcome.SENT:
                sent = MessageSent(interaction_id=row["interaction_id"], message_id=row["id"], channel="mail")
                await unit.emit(sent, row["interaction_id"], moved["version"])


def _next(row: Row, outcome: Outcome) -> tuple[str, int | None]:
    """The state that follows, and after how long to try again."""
    if outcome is Outcome.SENT:
        return "sent", None
    if outcome is Outcome.LOST:
        return "unknown", RESEND_PAUSE_SECONDS if row["delivery_lost"] < MAX_LOST else None
    if outcome is Outcome.REFUSED or row["delivery_tries"] >= MAX_TRIES:
        return "failed", None
    return "queued", min(FIRST_PAUSE_SECONDS * 2 ** (row["delivery_tries"] - 1), LONGEST_PAUSE_SECONDS)
