"""Citizens who make contact: they write mails, chat while their patience lasts, and buy."""

import asyncio
import contextlib
import email
import imaplib
import smtplib
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Final
from uuid import uuid4

from careline_local.city import words
from careline_local.city.callers import AsyncProgram, RefusedError, Visitor
from careline_local.city.citizens import Citizen
from careline_local.city.pace import Pace
from careline_local.demo import cdnow
from careline_local.parts.ports import LOOPBACK
from careline_local.system.services import MAILBOX

ROUTER: Final = "/api/router/v1"
LOOK_SECONDS: Final = 0.7


async def write_mails(citizens: list[Citizen], smtp_port: int, pace: Pace) -> None:
    """Mails at about half of the pace."""
    while True:
        citizen = pace.chance.choice(citizens)
        subject, text = pace.chance.choice(words.MAILS[citizen.language])
        await asyncio.to_thread(_send, citizen, subject, text, smtp_port)
        pace.done["mails"] += 1
        await pace.until_next(0.5)


def _send(citizen: Citizen, subject: str, text: str, port: int) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(citizen.name, addr_spec=citizen.address)
    message["To"] = MAILBOX
    message["Subject"] = subject
    message["Message-ID"] = email.utils.make_msgid(domain=citizen.address.partition("@")[2])
    message["Date"] = email.utils.localtime()
    message.set_content(text)
    with smtplib.SMTP(LOOPBACK, port, timeout=10) as client:
        client.send_message(message)


async def chat(citizens: list[Citizen], origin: str, pace: Pace) -> None:
    """Chats at about half of the pace, side by side."""
    async with asyncio.TaskGroup() as group:
        while True:
            group.create_task(_one_chat(pace.chance.choice(citizens), origin, pace))
            await pace.until_next(0.5)


async def _one_chat(citizen: Citizen, origin: str, pace: Pace) -> None:
    visitor = Visitor(origin)
    try:
        opened = await visitor.post(f"{ROUTER}/chats", {"language": citizen.language})
        path = f"{ROUTER}/chats/{opened['id']}"
        await _say(visitor, path, pace.chance.choice(words.QUESTIONS[citizen.language]))
        pace.done["chats"] += 1
        if await _answered(visitor, citizen.patience_seconds):
            await pace.a_while(4)
            # The agent may have ended it by now, which is how most chats end.
            with contextlib.suppress(RefusedError):
                await _say(visitor, path, pace.chance.choice(words.FOLLOW_UPS[citizen.language]))
                await pace.a_while(6)
        else:
            pace.done["impatient"] += 1
        await visitor.post(f"{path}/end")
    except RefusedError:
        pace.done["refused"] += 1
    finally:
        await visitor.close()


async def _say(visitor: Visitor, path: str, text: str) -> None:
    await visitor.post(f"{path}/messages", {"text": text}, key=str(uuid4()))


async def _answered(visitor: Visitor, patience_seconds: float) -> bool:
    """Whether an agent came before the patience was over."""
    deadline = asyncio.get_running_loop().time() + patience_seconds
    while asyncio.get_running_loop().time() < deadline:
        current = await visitor.get(f"{ROUTER}/chats/current")
        if current["agent"] is not None:
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False


async def buy(partner: AsyncProgram, now: Callable[[], Awaitable[datetime]], run: str, pace: Pace) -> None:
    """Replay the sample: what was bought on its first day is bought on the city's first day, and so on."""
    days: dict[str, list[cdnow.Purchase]] = {}
    for purchase in cdnow.read():
        days.setdefault(purchase.day, []).append(purchase)
    for _, purchases in sorted(days.items()):
        for purchase in purchases:
            await _buy(partner, purchase, await now(), run)
            pace.done["purchases"] += 1
            await asyncio.sleep(24 * 3600 / pace.speed / len(purchases))


async def _buy(partner: AsyncProgram, purchase: cdnow.Purchase, at: datetime, run: str) -> None:
    external_id = f"{run}-{purchase.external_id}"
    body = {
        "external_id": external_id,
        "source": "demo-city",
        "customer": {"identifier": {"type": "card", "value": purchase.customer, "namespace": cdnow.SOURCE}},
        "purchased_at": at.isoformat(),
        "items": [{"name": "CD", "quantity": purchase.discs, "amount_minor": purchase.cents}],
        "total_minor": purchase.cents,
        "currency": cdnow.CURRENCY,
    }
    await partner.post("/api/profile/v1/purchases", body, key=external_id)


def received(citizen: Citizen, imap_port: int) -> list[EmailMessage]:
    """Take the unread mails out of a citizen's mailbox; GreenMail makes one for whoever gets mail."""
    with imaplib.IMAP4(LOOPBACK, imap_port, timeout=10) as client:
        try:
            client.login(citizen.address, citizen.address)
        except imaplib.IMAP4.error:
            return []
        client.select("INBOX")
        numbers = client.search(None, "UNSEEN")[1][0].split()
        answers = [client.fetch(number.decode(), "(RFC822)")[1][0] for number in numbers]
    return [email.message_from_bytes(each[1], policy=default) for each in answers if isinstance(each, tuple)]
