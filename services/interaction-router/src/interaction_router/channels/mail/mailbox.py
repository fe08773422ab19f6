"""One IMAP mailbox. Every method blocks, so each is called in a thread; never two at a time."""

from dataclasses import dataclass
from time import monotonic
from typing import Any

from imapclient import IMAPClient

FOLDER = "INBOX"
CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Account:
    """Where a mailbox is, and how to open it."""

    host: str
    port: int
    tls: bool
    user: str
    password: str


class Mailbox:
    """An open mailbox that waits for news."""

    def __init__(self, account: Account) -> None:
        """Connect, sign in and select the folder."""
        self._client = IMAPClient(account.host, account.port, ssl=account.tls, use_uid=True, timeout=CONNECT_SECONDS)
        try:
            self._client.login(account.user, account.password)
            selected = self._client.select_folder(FOLDER)
        except BaseException:
            self._client.shutdown()
            raise
        self.uidvalidity = int(selected[b"UIDVALIDITY"])
        self._idling = False

    def uids_after(self, last: int) -> list[int]:
        """The messages that came after one, oldest first. `n:*` always names the newest, hence the filter."""
        self._stop_idling()
        return sorted(uid for uid in self._client.search(["UID", f"{last + 1}:*"]) if uid > last)

    def size(self, uid: int) -> int | None:
        """How large a message is; None if somebody has deleted it."""
        self._stop_idling()
        size = self._fetch(uid, "RFC822.SIZE", b"RFC822.SIZE")
        return None if size is None else int(size)

    def content(self, uid: int) -> bytes | None:
        """A message as it came, left unread."""
        self._stop_idling()
        return self._bytes(uid, "BODY.PEEK[]", b"BODY[]")

    def head(self, uid: int) -> bytes | None:
        """The header of a message that is too large to be fetched."""
        self._stop_idling()
        return self._bytes(uid, "BODY.PEEK[HEADER]", b"BODY[HEADER]")

    def wait(self, seconds: float) -> bool:
        """Wait for news; IDLE is kept up over quiet waits.

        The library takes a closed connection for silence, but one that ends before its time.
        """
        if not self._idling:
            self._client.idle()
            self._idling = True
        begun = monotonic()
        news = bool(self._client.idle_check(timeout=seconds))
        if not news and monotonic() - begun < seconds / 2:
            raise ConnectionError("the mail server hung up")
        return news

    def close(self) -> None:
        """Hang up."""
        self._client.shutdown()

    def _bytes(self, uid: int, what: str, key: bytes) -> bytes | None:
        content = self._fetch(uid, what, key)
        return content if isinstance(content, bytes) else None

    def _fetch(self, uid: int, what: str, key: bytes) -> Any:
        return self._client.fetch([uid], [what]).get(uid, {}).get(key)

    def _stop_idling(self) -> None:
        if self._idling:
            self._client.idle_done()
            self._idling = False
