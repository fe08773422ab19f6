"""Customers who write mails: composed, signed for their domain, sent by SMTP, answers read over IMAP."""

import base64
import email
import imaplib
import smtplib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, default
from email.utils import make_msgid

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from careline_local.parts.base import MailServer
from careline_local.parts.ports import LOOPBACK
from careline_local.system.services import MAILBOX

SELECTOR = "desk"
SIGNED_DOMAINS = ("qinghe.example", "brookfield.example", "hillview.example", "northgate.example", "signed.example")
SIGNED_HEADERS = [b"from", b"to", b"subject", b"message-id", b"date"]
CARE = MAILBOX


def new_message_id(domain: str = "customers.example") -> str:
    """A Message-ID that nobody has used."""
    return make_msgid(domain=domain)


@dataclass
class Letter:
    """A mail of a customer; everything else about it is usual."""

    sender: str
    text: str
    subject: str = "问题"
    name: str = ""
    charset: str = "utf-8"
    attachments: Sequence[tuple[str, bytes]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = field(default_factory=new_message_id)
    html: str | None = None

    def build(self) -> EmailMessage:
        """The mail as its program would write it."""
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(self.name, addr_spec=self.sender)
        message["To"] = CARE
        message["Subject"] = self.subject
        message["Message-ID"] = self.message_id
        message["Date"] = email.utils.localtime()
        for name, value in self.headers.items():
            message[name] = value
        message.set_content(self.text, charset=self.charset)
        if self.html is not None:
            message.add_alternative(self.html, subtype="html", charset=self.charset)
        for name, content in self.attachments:
            message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        return message


class PostOffice:
    """The mail server, and the key with which the customers' domains sign."""

    def __init__(self, server: MailServer) -> None:
        """Take the running server."""
        self._server = server
        self._key = generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def records(self) -> dict[str, str]:
        """What name servers say about the signing domains."""
        public = base64.b64encode(_public(self._key)).decode()
        return {f"{SELECTOR}._domainkey.{domain}": f"v=DKIM1; k=rsa; p={public}" for domain in SIGNED_DOMAINS}

    def send(self, letter: Letter, *, signed_by: str | None = "") -> bytes:
        """Send by SMTP; signed by the sender's own domain, by another, or (None) not at all."""
        raw = letter.build().as_bytes()
        domain = letter.sender.rpartition("@")[2] if signed_by == "" else signed_by
        if domain is not None:
            raw = self._signature(raw, domain) + raw
        self.send_raw(letter.sender, raw)
        return raw

    def send_raw(self, sender: str, raw: bytes) -> None:
        """Send bytes as they are."""
        with smtplib.SMTP(LOOPBACK, self._server.smtp_port, timeout=10) as client:
            client.sendmail(sender, [CARE], raw)

    def _signature(self, raw: bytes, domain: str) -> bytes:
        signature: bytes = dkim.sign(
            raw,
            SELECTOR.encode(),
            domain.encode(),
            _private(self._key),
            include_headers=SIGNED_HEADERS,
        )
        return signature

    def received(self, address: str) -> list[EmailMessage]:
        """What lies in a customer's mailbox, oldest first."""
        with imaplib.IMAP4(LOOPBACK, self._server.imap_port, timeout=10) as client:
            # GreenMail makes a mailbox for whoever gets mail; its password is the address.
            try:
                client.login(address, address)
            except imaplib.IMAP4.error:
                return []
            client.select("INBOX", readonly=True)
            numbers = client.search(None, "ALL")[1][0].split()
            return [_fetched(client, number.decode()) for number in numbers]


def _fetched(client: imaplib.IMAP4, number: str) -> EmailMessage:
    answer = client.fetch(number, "(BODY.PEEK[])")[1][0]
    assert isinstance(answer, tuple)
    return email.message_from_bytes(answer[1], policy=default)


def _private(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _public(key: RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
