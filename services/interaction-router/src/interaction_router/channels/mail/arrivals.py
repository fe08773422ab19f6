"""What becomes of one mail: an interaction, a remembered machine, or quarantine. In one transaction with its cursor."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

import structlog
from prometheus_client import Counter

from careline.crash import crash_point
from careline.ids import new_id
from careline.objects import ObjectStore
from careline.problems import InvalidInput
from interaction_router.channels.mail import ignored, repository, undelivered
from interaction_router.channels.mail.classify import Sender, classify
from interaction_router.channels.mail.identity import PROVEN, Proof, TxtLookup, prove_sender
from interaction_router.channels.mail.ignored import Ignored
from interaction_router.channels.mail.message import Parsed, Quarantined
from interaction_router.channels.mail.parse import parse
from interaction_router.channels.mail.threads import referenced_interaction
from interaction_router.customers.client import Customers, Identifier
from interaction_router.deliveries import returns
from interaction_router.interactions.messages import NewMessage, StoredFile
from interaction_router.interactions.receive import Arrival, DuplicateMessageError, ReusedIdError, receive
from interaction_router.unit import Unit, Units

MAILS = Counter("router_mails_total", "Mails read, by what became of them.", ["outcome"])
SCRIPTS = ((re.compile(r"[\u3040-\u30ff]"), "ja"), (re.compile(r"[\uac00-\ud7af]"), "ko"))
HAN = re.compile(r"[\u4e00-\u9fff]")

Mark = Callable[[Unit], Awaitable[None]]
_log = structlog.get_logger("router.mail")


@dataclass(frozen=True, slots=True)
class Read:
    """A mail after everything that can be told without the database."""

    mail: Parsed
    sender: Sender
    proof: Proof
    # Where a person has sent it; unset, it goes where all the mailbox's mails go.
    queue: str | None = None


@dataclass
class Arrivals:
    """Takes mails in."""

    units: Units
    customers: Customers
    objects: ObjectStore
    lookup: TxtLookup
    address: str
    queue: str

    async def take(self, raw: bytes, mark: Mark) -> None:
        """Take one mail in; `mark` moves the mailbox's cursor in the same transaction."""
        read = await asyncio.to_thread(self._read, raw)
        if isinstance(read, Quarantined):
            await self.quarantine(raw, read, len(raw), mark)
        elif read.sender is not Sender.PERSON:
            await self._ignore(read, raw, mark)
        else:
            await self._receive(read, mark)
        crash_point("mail.after_commit")

    async def quarantine(self, raw: bytes, found: Quarantined, size: int, mark: Mark) -> None:
        """Keep what cannot be shown safely, where a supervisor sees it."""
        quarantine_id = new_id()
        key = f"quarantine/{quarantine_id}"
        await self.objects.put(key, raw)
        async with self.units.begin() as unit:
            await repository.quarantine(
                unit.connection,
                quarantine_id,
                sha256(raw).digest(),
                found.sender,
                found.subject,
                found.reason,
                size,
                key,
                unit.now,
            )
            await mark(unit)
        MAILS.labels("quarantined").inc()

    def _read(self, raw: bytes) -> Read | Quarantined:
        mail = parse(raw)
        if isinstance(mail, Quarantined):
            return mail
        return Read(mail, classify(mail, self.address), prove_sender(raw, mail, self.lookup))

    async def release(self, raw: bytes, queue: str | None, mark: Mark) -> None:
        """Take a mail in although a machine seems to have written it: a person has looked at it."""
        read = await asyncio.to_thread(self._read, raw)
        if isinstance(read, Quarantined):
            raise InvalidInput("mail", read.reason, "It cannot be shown safely; download it instead.")
        await self._receive(replace(read, queue=queue), mark)

    async def _ignore(self, read: Read, raw: bytes, mark: Mark) -> None:
        mail = read.mail
        report = returns.read_report(raw, mail.references) if read.sender is Sender.BOUNCE else None
        ignored_mail = Ignored(new_id(), mail.external_id, mail.sender, mail.subject, read.sender, len(raw))
        await self.objects.put(ignored_mail.object_key, raw)
        async with self.units.begin() as unit:
            kept = await ignored.keep(unit.connection, ignored_mail, unit.now)
            if report is not None:
                await returns.note_bounce(unit, report)
                await undelivered.note_bounce(unit, report)
            await mark(unit)
        if not kept:
            await self.objects.delete(ignored_mail.object_key)
        MAILS.labels(read.sender).inc()

    async def _receive(self, read: Read, mark: Mark) -> None:
        """A person's mail. Another one under a Message-ID that was used before is a mail of its own.

        Mailers that give every mail the same id exist, and only a person could tell whether it matters: so the agent
        sees it in the conversation, where she would look for it.
        """
        try:
            await self._take_in(read, read.mail.external_id, mark)
        except ReusedIdError:
            MAILS.labels("reused_id").inc()
            await self._take_in(read, f"sha256:{read.mail.content_hash.hex()}", mark)

    async def _take_in(self, read: Read, external_id: str, mark: Mark) -> None:
        arrival = await self._arrival(read)
        message_id = new_id()
        files = await self._store(message_id, read.mail)
        try:
            async with self.units.begin() as unit:
                message = self._message(read, message_id, external_id, files, unit)
                joined = await receive(unit, arrival, message)
                await returns.note_reply(unit, read.mail.references, message_id, joined.interaction_id)
                await mark(unit)
                crash_point("mail.before_commit")
            MAILS.labels("opened" if joined.opened else "joined").inc()
        except ReusedIdError:
            await self._forget(files)
            raise
        except DuplicateMessageError as fault:
            await self._forget(files)
            if fault.raced:
                await self._take_in(read, external_id, mark)
                return
            async with self.units.begin() as unit:
                await mark(unit)
            MAILS.labels("repeated").inc()

    async def _arrival(self, read: Read) -> Arrival:
        """Whom the mail is from. Without proof it never joins what a proven sender has opened, unless it
        answers a mail of ours, whose Message-ID only its reader can know.
        """
        mail = read.mail
        identifier = Identifier("email", mail.sender, proven=read.proof.proven)
        claimed, proven = mail.sender, PROVEN + mail.sender
        return Arrival(
            channel="mail",
            contact=proven if read.proof.proven else claimed,
            also=(claimed,) if read.proof.proven else (),
            thread_contacts=(claimed, proven),
            lock=mail.sender,
            queue=read.queue or self.queue,
            subject=mail.subject,
            display_name=mail.sender_name or mail.sender,
            language=language_of(f"{mail.subject} {mail.text}"),
            identifier=identifier,
            resolution=await self.customers.resolve([identifier], display_name=mail.sender_name),
            referenced=referenced_interaction(mail.references, self.address),
        )

    def _message(
        self, read: Read, message_id: UUID, external_id: str, files: tuple[StoredFile, ...], unit: Unit
    ) -> NewMessage:
        mail = read.mail
        return NewMessage(
            id=message_id,
            channel="mail",
            kind="inbound",
            author_kind="customer",
            author_name=mail.sender_name or mail.sender,
            text=mail.text,
            sent_at=unit.now,
            language=language_of(mail.text),
            subject=mail.subject,
            external_id=external_id,
            content_hash=mail.content_hash,
            identity="verified" if read.proof.proven else "claimed",
            html_available=mail.html_available,
            files=files,
        )

    async def _store(self, message_id: UUID, mail: Parsed) -> tuple[StoredFile, ...]:
        files = []
        for number, each in enumerate(mail.attachments):
            key = f"attachments/{message_id}/{number}"
            await self.objects.put(key, each.content)
            files.append(StoredFile(each.name, each.media_type, len(each.content), key))
        return tuple(files)

    async def _forget(self, files: tuple[StoredFile, ...]) -> None:
        for each in files:
            await self.objects.delete(each.object_key)


def language_of(text: str) -> str | None:
    """The language as far as its script tells; Latin letters tell nothing."""
    for script, language in SCRIPTS:
        if script.search(text):
            return language
    return "zh" if HAN.search(text) else None
