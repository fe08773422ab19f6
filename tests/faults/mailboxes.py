"""What has arrived at the mail server, over its IMAP."""

import re
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from careline_local.parts.greenmail import GreenMail
from careline_local.parts.ports import LOOPBACK

# The server answers each command after 40 ms, for want of TCP_NODELAY.
READERS: Final = 8
_FIELD: Final = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
_MESSAGE_ID: Final = re.compile(rb"<[^>]+>")


def arrived(server: GreenMail, addresses: Iterable[str]) -> Counter[str]:
    """How often each Message-ID is in the mailboxes of these addresses; each address is its own password."""
    with ThreadPoolExecutor(READERS) as pool:
        return sum(pool.map(lambda address: _in_one(server, address), addresses), Counter())


def _in_one(server: GreenMail, address: str) -> Counter[str]:
    box = IMAPClient(LOOPBACK, server.imap_port, use_uid=False, ssl=False)
    try:
        box.login(address, address)
        number = box.select_folder("INBOX", readonly=True)[b"EXISTS"]
        heads = box.fetch(range(1, number + 1), [_FIELD]).values() if number else []
    except LoginError:
        # The server makes a mailbox with its first mail.
        return Counter()
    finally:
        box.shutdown()
    texts = (text for head in heads for text in head.values() if isinstance(text, bytes))
    return Counter(told[0].decode() for text in texts if (told := _MESSAGE_ID.search(text)))
