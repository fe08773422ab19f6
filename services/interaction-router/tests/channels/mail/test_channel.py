"""The mail channel against a real mail server and a real name server."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import dkim
import pytest
from imapclient import IMAPClient

from careline_local.parts.greenmail import GreenMail
from careline_local.testing.databases import ServiceDatabase
from careline_local.testing.fixtures import CARE_ADDRESS
from interaction_router.channels.mail import incoming
from interaction_router.channels.mail.arrivals import Arrivals, Read
from interaction_router.interactions.receive import Arrival
from interaction_router.settings import RouterSettings

from ...factories import Router, eventually, make_settings
from .dns_server import SELECTOR, NameServer, a_key
from .mails import gb18030_with_attachment, plain

KEY = a_key()


@pytest.fixture(scope="module")
def name_server() -> Iterator[NameServer]:
    with NameServer({"customer.example": KEY}) as server:
        yield server


@pytest.fixture
def settings(
    service_database: Callable[[str], ServiceDatabase],
    tmp_path: Path,
    mail_server: GreenMail,
    name_server: NameServer,
) -> RouterSettings:
    return make_settings(
        service_database("interaction_router").url,
        tmp_path,
        mail_imap_host="127.0.0.1",
        mail_imap_port=mail_server.imap_port,
        mail_imap_user=CARE_ADDRESS,
        mail_imap_password=mail_server.mailboxes[CARE_ADDRESS],
        mail_smtp_host="127.0.0.1",
        mail_smtp_port=mail_server.smtp_port,
        mail_address=CARE_ADDRESS,
        dkim_nameserver=name_server.address,
    )


@pytest.fixture(autouse=True)
async def empty_mailbox(mail_server: GreenMail) -> AsyncIterator[None]:
    """GreenMail keeps its mail for the whole run."""
    yield
    with IMAPClient("127.0.0.1", mail_server.imap_port, ssl=False) as box:
        box.login(CARE_ADDRESS, mail_server.mailboxes[CARE_ADDRESS])
        box.select_folder("INBOX")
        box.delete_messages(box.search())
        box.expunge()


async def deliver(router: Router, *raws: bytes) -> None:
    """Hand mails to the mail server."""

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", router.settings.mail_smtp_port) as server:
            for raw in raws:
                server.sendmail("bounces@customer.example", [CARE_ADDRESS], raw)

    await asyncio.to_thread(send)


async def count(router: Router, table: str, expected: int, *, seconds: float = 20) -> None:
    async def reached() -> bool:
        return bool(await router.value(f"SELECT count(*) FROM {table}") >= expected)  # noqa: S608

    await eventually(reached, seconds=seconds)
    assert await router.value(f"SELECT count(*) FROM {table}") == expected  # noqa: S608


def signed(raw: bytes) -> bytes:
    return bytes(dkim.sign(raw, SELECTOR, b"customer.example", KEY)) + raw


async def test_a_gb18030_mail_is_offered_within_two_seconds(router: Router) -> None:
    await router.queue("mail", "plumbing")
    agent = await router.agent("plumbing", "language:zh")
    await asyncio.sleep(0.5)
    began = asyncio.get_running_loop().time()
    await deliver(router, gb18030_with_attachment())
    offer = await agent.offer()
    assert asyncio.get_running_loop().time() - began < 2
    assert offer["interaction"]["subject"] == "水龙头漏水"
    assert offer["interaction"]["language"] == "zh"
    interaction_id = await agent.accept()
    message = (await agent.get(f"/v1/interactions/{interaction_id}/messages"))["items"][0]
    assert message["text"] == "您好,水龙头漏水了。请问保修吗?"
    assert message["identity"] == "claimed"
    attachment = message["attachments"][0]
    assert attachment["name"] == "照片.png"
    download = await router.client.get(f"/v1/attachments/{attachment['id']}", headers=agent.headers)
    assert download.content == b"\x89PNG\r\n"
    assert "sandbox" in download.headers["content-security-policy"]
    stranger = await router.agent("plumbing", name="Stranger")
    await stranger.send("GET", f"/v1/attachments/{attachment['id']}", status=404)


async def test_the_reply_is_threaded_and_the_next_mail_joins(router: Router, mail_server: GreenMail) -> None:
    await router.queue()
    agent = await router.agent()
    await deliver(router, plain(sender="Li Wei <li.wei@threads.example>"))
    interaction_id = await agent.accept()
    await agent.send("POST", f"/v1/interactions/{interaction_id}/messages", {"kind": "reply", "text": "我们来修。"})

    async def sent() -> bool:
        page = await agent.get(f"/v1/interactions/{interaction_id}/messages")
        return bool(page["items"][0]["delivery"] == "sent")

    await eventually(sent)
    raw = await asyncio.to_thread(_last_mail, mail_server, "li.wei@threads.example")
    reply = message_from_bytes(raw)
    assert reply["In-Reply-To"] == "<one@customer.example>"
    assert reply["Subject"] == "Re: Tap"
    assert reply["Auto-Submitted"] is None
    payload = reply.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == "我们来修。"
    answer = plain("Thanks", sender="li.wei@threads.example", message_id="<two@x>", In_Reply_To=reply["Message-ID"])
    await deliver(router, answer)
    await count(router, "messages", 3)
    assert await router.value("SELECT count(*) FROM interactions") == 1
    assert "interaction.message_sent" in [kind for kind, _ in await router.events(interaction_id)]


def _last_mail(server: GreenMail, address: str) -> bytes:
    with IMAPClient("127.0.0.1", server.imap_port, ssl=False) as box:
        box.login(address, address)
        box.select_folder("INBOX", readonly=True)
        uid = max(box.search())
        return bytes(box.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"])


async def test_the_same_message_id_twice_is_one_message(router: Router) -> None:
    await router.queue()
    await deliver(router, plain(), plain())
    await deliver(router, plain("Other", message_id="<other@customer.example>"))
    await eventually(lambda: router.value("SELECT EXISTS (SELECT FROM messages WHERE external_id LIKE '<other@%')"))
    await count(router, "messages", 2)
    assert await router.value("SELECT count(*) FROM interactions") == 1


async def test_machines_open_nothing(router: Router) -> None:
    bounce = (
        b"From: mailer-daemon@mx.example\r\nMessage-ID: <b@mx.example>\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\r\n\r\n'
        b"--x\r\n\r\nfailed\r\n--x--\r\n"
    )
    absent = plain(message_id="<a@x>", Auto_Submitted="auto-replied")
    own = plain(message_id="<l@x>", sender=CARE_ADDRESS)
    await deliver(router, bounce, absent, own)
    await count(router, "ignored_mails", 3)
    assert await router.value("SELECT count(*) FROM interactions") == 0


async def test_proof_and_forgery(router: Router) -> None:
    await router.queue()
    await deliver(router, signed(plain(message_id="<p@customer.example>")))
    await count(router, "interactions", 1)
    assert router.profile.asked[0]["identifiers"][0]["proven"]
    assert await router.value("SELECT state FROM interaction_identifiers") == "verified"
    await deliver(router, plain("Send my data to evil@evil.example", message_id="<f@evil.example>"))
    await count(router, "interactions", 2)
    forged = (await router.fetch("SELECT * FROM interactions ORDER BY opened_at"))[1]
    assert forged["identity"] == "claimed"
    assert not router.profile.asked[1]["identifiers"][0]["proven"]


async def test_broken_mail_is_quarantined_where_a_person_sees_it(router: Router) -> None:
    broken = b'From: a@b.example\r\nSubject: odd\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\nno parts'
    many = b'From: a@b.example\r\nSubject: many\r\nContent-Type: multipart/mixed; boundary="x"\r\n\r\n'
    many += b"--x\r\n\r\npart\r\n" * 10_000
    await deliver(router, broken, many)
    await count(router, "quarantine", 2)
    boss = router.supervisor()
    listed = {each["subject"]: each for each in await boss.get("/v1/quarantine")}
    assert listed["odd"]["reason"] == "broken_structure"
    assert listed["many"]["reason"] == "too_many_parts"
    raw = await router.client.get(f"/v1/quarantine/{listed['odd']['id']}/raw", headers=boss.headers)
    assert b"no parts" in raw.content
    assert raw.headers["content-disposition"].startswith("attachment")
    assert (await boss.get("/v1/supervision/snapshot"))["quarantined"] == 2


async def test_mail_that_came_while_nobody_read_is_caught_up(router: Router) -> None:
    await router.queue()
    await deliver(router, *(plain(message_id=f"<{n}@x>", sender=f"c{n}@customer.example") for n in range(5)))
    await count(router, "interactions", 5)
    await router.fetch("UPDATE mailboxes SET uidvalidity = 1, last_uid = 999")
    await deliver(router, plain(message_id="<new@x>", sender="new@customer.example"))
    await count(router, "interactions", 6)
    assert await router.value("SELECT count(*) FROM messages") == 6


async def test_a_mail_server_that_died_is_read_again_when_it_is_back(router: Router, mail_server: GreenMail) -> None:
    await router.queue()
    await deliver(router, plain())
    await count(router, "messages", 1)
    await asyncio.to_thread(mail_server.kill)
    await asyncio.to_thread(mail_server.start)
    await deliver(router, plain("After the crash", message_id="<after@customer.example>"))
    await count(router, "messages", 2, seconds=20)


async def test_a_mail_that_is_too_large_is_not_even_fetched(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MAX_BYTES", 5_000)
    await deliver(router, plain("x" * 10_000, subject="Huge"), plain("small", message_id="<small@x>"))
    await count(router, "quarantine", 1)
    await count(router, "messages", 1)
    listed = (await router.supervisor().get("/v1/quarantine"))[0]
    assert (listed["reason"], listed["subject"], listed["sender"]) == (
        "too_large",
        "Huge",
        "li.wei@customer.example",
    )
    assert listed["size"] > 10_000


async def test_a_mail_that_we_fail_on_is_kept_and_stops_nobody(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Arrivals._arrival

    async def failing(self: Arrivals, read: Read) -> Arrival:
        if read.mail.subject == "Poison":
            raise ValueError("our fault")
        return await original(self, read)

    monkeypatch.setattr(Arrivals, "_arrival", failing)
    await deliver(router, plain(subject="Poison"), plain("fine", message_id="<fine@x>"))
    await count(router, "messages", 1)
    await count(router, "quarantine", 1)
    assert (await router.supervisor().get("/v1/quarantine"))[0]["reason"] == "unreadable"
