"""Reads the mailbox: IDLE for news, a sweep in case IDLE is silent, catching up by UID after every reconnect."""

import asyncio
from dataclasses import dataclass
from time import monotonic

import structlog
from imapclient.exceptions import IMAPClientError

from careline.faults import is_transient
from careline.leases import Lease
from interaction_router.channels.mail import repository
from interaction_router.channels.mail.arrivals import Arrivals, Mark
from interaction_router.channels.mail.mailbox import Account, Mailbox
from interaction_router.channels.mail.message import Quarantined, QuarantineReason
from interaction_router.channels.mail.parse import MAX_BYTES, parse
from interaction_router.handover import release_quietly
from interaction_router.unit import Unit

LEASE_SECONDS = 6.0
RENEW_SECONDS = 2.0
# A thread that waits cannot be cancelled; a short wait lets the process stop soon.
WAIT_SECONDS = 1.0
SWEEP_SECONDS = 30.0
RECONNECT_SECONDS = 1.0

_log = structlog.get_logger("router.mail")


@dataclass
class Incoming:
    """The reader of one mailbox; one process at a time, by a lease."""

    account: Account
    arrivals: Arrivals
    lease: Lease

    async def run(self) -> None:
        """Read until cancelled; a lost connection is opened anew."""
        while True:
            if await self.lease.acquire():
                try:
                    await self._session()
                except (OSError, IMAPClientError) as fault:
                    _log.warning("mailbox.lost", reason=type(fault).__name__)
                finally:
                    await release_quietly(self.lease)
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _session(self) -> None:
        mailbox = await asyncio.to_thread(Mailbox, self.account)
        try:
            await self._follow(mailbox)
        finally:
            mailbox.close()

    async def _follow(self, mailbox: Mailbox) -> None:
        behind = await self._catch_up(mailbox)
        swept = renewed = monotonic()
        while True:
            news = False if behind else await asyncio.to_thread(mailbox.wait, WAIT_SECONDS)
            if monotonic() - renewed > RENEW_SECONDS:
                if not await self.lease.acquire():
                    return
                renewed = monotonic()
            if news or behind or monotonic() - swept > SWEEP_SECONDS:
                behind = await self._catch_up(mailbox)
                swept = monotonic()

    async def _catch_up(self, mailbox: Mailbox) -> bool:
        """Take everything in that is after the cursor; a new UIDVALIDITY means that all UIDs are new.

        What arrives meanwhile is announced among the answers to our own commands, where nobody listens, and not
        again in the next IDLE. So whoever found something (the answer) must look once more.
        """
        async with self.arrivals.units.database.read_raw() as connection:
            uidvalidity, last = await repository.cursor(connection, self.arrivals.address)
        if uidvalidity != mailbox.uidvalidity:
            last = 0
        uids = await asyncio.to_thread(mailbox.uids_after, last)
        for uid in uids:
            await self._take(mailbox, uid)
        return bool(uids)

    async def _take(self, mailbox: Mailbox, uid: int) -> None:
        mark = self._mark(mailbox.uidvalidity, uid)
        size = await asyncio.to_thread(mailbox.size, uid)
        if size is not None and size > MAX_BYTES:
            await self._quarantine_head(mailbox, uid, size, mark)
            return
        raw = await asyncio.to_thread(mailbox.content, uid) if size is not None else None
        if raw is None:
            async with self.arrivals.units.begin() as unit:
                await mark(unit)
            return
        try:
            await self.arrivals.take(raw, mark)
        except Exception as fault:
            if is_transient(fault):
                raise
            # One mail that we fail on must not stop those behind it, and must not be lost either.
            _log.exception("mail.failed", uid=uid)
            found = Quarantined(QuarantineReason.UNREADABLE)
            await self.arrivals.quarantine(raw, found, len(raw), mark)

    async def _quarantine_head(self, mailbox: Mailbox, uid: int, size: int, mark: Mark) -> None:
        head = await asyncio.to_thread(mailbox.head, uid) or b""
        read = parse(head)
        found = Quarantined(QuarantineReason.TOO_LARGE, read.sender, read.subject)
        await self.arrivals.quarantine(head, found, size, mark)

    def _mark(self, uidvalidity: int, uid: int) -> Mark:
        async def mark(unit: Unit) -> None:
            await repository.set_cursor(unit.connection, self.arrivals.address, uidvalidity, uid)

        return mark
