"""Customers who have been greeted, open the mail, and say by one click that it was the last."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from careline_local.parts.greenmail import GreenMail
from careline_local.parts.ports import LOOPBACK
from tests.faults.clients import Client, Request
from tests.faults.history import History
from tests.faults.stand import Stand
from tests.faults.wishes import address_of

LOOK_SECONDS: Final = 1.0
READ_AT_ONCE: Final = 4
ONE_CLICK: Final = "List-Unsubscribe=One-Click"
_HEADER: Final = "BODY.PEEK[HEADER.FIELDS (LIST-UNSUBSCRIBE)]"
_PATH: Final = re.compile(rb"<http://[^/]+/api/care(/[^>]+)>")


class Leavers:
    """Each greeted customer looks into the mailbox until the greeting is there, then unsubscribes as RFC 8058 says."""

    def __init__(self, stand: Stand, mail: GreenMail, history: History, client: Client) -> None:
        """Share client and history with the others."""
        self._care = stand.service("care-scheduler").address
        self._mail = mail
        self._history = history
        self._client = client

    @asynccontextmanager
    async def at_home(self, start: Callable[[Awaitable[object]], None]) -> AsyncIterator[None]:
        """They read their mail during the block; `start` begins a click."""
        reading = asyncio.create_task(self._read(start))
        try:
            yield
        finally:
            reading.cancel()
            await asyncio.wait([reading])

    async def _read(self, start: Callable[[Awaitable[object]], None]) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for customer_id, address in self._waiting()[:READ_AT_ONCE]:
                path = await asyncio.to_thread(self._link, address)
                if path is not None:
                    start(self._click(customer_id, path))

    def _waiting(self) -> list[tuple[str, str]]:
        """Customers whose birthday we know, the last first, so that whose mail never comes holds up nobody."""
        found = [
            (operation.answer, address_of(operation.name))
            for operation in reversed(list(self._history.of("customer", "ok")))
            if operation.answer is not None
        ]
        operations = self._history.operations
        return [
            each for each in found if ("birthday", each[0]) in operations and ("refusal", each[0]) not in operations
        ]

    def _link(self, address: str) -> str | None:
        try:
            with IMAPClient(LOOPBACK, self._mail.imap_port, ssl=False, timeout=2) as box:
                box.login(address, address)
                box.select_folder("INBOX", readonly=True)
                heads = box.fetch(box.search(), [_HEADER]).values()
        except (OSError, IMAPClientError):
            return None
        texts = (text.replace(b"\r\n", b"") for head in heads for text in head.values() if isinstance(text, bytes))
        return next((told[1].decode() for text in texts if (told := _PATH.search(text))), None)

    async def _click(self, customer_id: str, path: str) -> None:
        operation = self._history.begin("refusal", customer_id)
        request = Request("POST", lambda: f"{self._care}{path}", dict, ONE_CLICK, answered_by=None)
        await self._client.write(operation, request)
