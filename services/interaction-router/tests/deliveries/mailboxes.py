"""What has arrived at a GreenMail server, over its IMAP."""

import asyncio
import re
from collections import Counter

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from careline_local.parts.greenmail import GreenMail

MESSAGE_ID = re.compile(rb"message-id: *(<[^>]+>)", re.IGNORECASE)


async def arrived(server: GreenMail, address: str) -> Counter[str]:
    """How often each Message-ID is in a mailbox; any address is its own password."""

    def read() -> Counter[str]:
        with IMAPClient("127.0.0.1", server.imap_port, ssl=False) as box:
            try:
                box.login(address, address)
            except LoginError:
                # The server makes a mailbox with its first mail.
                return Counter()
            box.select_folder("INBOX")
            uids = box.search()
            heads = box.fetch(uids, ["BODY.PEEK[HEADER]"]).values() if uids else []
            found = (MESSAGE_ID.search(each[b"BODY[HEADER]"]) for each in heads)
            return Counter(each[1].decode() for each in found if each)

    return await asyncio.to_thread(read)
