"""A mail that care sends, as bytes: the same input gives the same bytes.

Written by hand because the standard library's modern policy takes a millisecond for each, and turns an unsubscribe
address longer than a line into an encoded word, which no mail program reads (RFC 2047, section 5, forbids it).
"""

import re
from base64 import b64encode, encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}", re.ASCII)
MESSAGE_ID = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>", re.ASCII)
URL = re.compile(r"https?://[!-;=?-~]{1,900}", re.ASCII)
# RFC 2047: an encoded word has 75 characters at the most, and none of its characters is split.
WORD_BYTES = 45
PLAIN = re.compile(r"[A-Za-z0-9 ,.!?:;'()/+=_#%&*-]*", re.ASCII)
PLAIN_NAME = re.compile(r"[A-Za-z0-9 '/_-]+", re.ASCII)
MAX_PLAIN_CHARS = 60
WAY_OUT = {"zh": "退订", "en": "Unsubscribe"}


class UnsendableError(ValueError):
    """The mail cannot be written as asked: an address or an id is none."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is made of."""

    message_id: str
    recipient_name: str
    recipient: str
    subject: str
    text: str
    language: str
    sent_at: datetime
    unsubscribe_url: str | None
    # A notice answers to something that happened; a greeting or a survey is the company's own idea.
    notice: bool


@dataclass(frozen=True, slots=True)
class House:
    """Who sends."""

    name: str
    address: str


def write_letter(house: House, letter: Letter) -> bytes:
    """The bytes of a mail with CRLF line ends; UnsendableError if they would not be a mail to one recipient."""
    _check(letter)
    lines = [
        f"From: {_mailbox(house.name, house.address)}",
        f"To: {_mailbox(letter.recipient_name, letter.recipient)}",
        f"Reply-To: {house.address}",
        f"Subject: {_text(letter.subject)}",
        f"Date: {format_datetime(letter.sent_at)}",
        f"Message-ID: {letter.message_id}",
    ]
    if letter.notice:
        lines.append("Auto-Submitted: auto-generated")
    if letter.unsubscribe_url is not None:
        lines.append(f"List-Unsubscribe: <{letter.unsubscribe_url}>")
        lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
    lines += [
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: base64",
        "",
        "",
    ]
    body = "\r\n".join(_body(letter).splitlines()) + "\r\n"
    return "\r\n".join(lines).encode("ascii") + encodebytes(body.encode()).replace(b"\n", b"\r\n")


def _check(letter: Letter) -> None:
    if not ADDRESS.fullmatch(letter.recipient):
        raise UnsendableError("the address is none")
    if not MESSAGE_ID.fullmatch(letter.message_id):
        raise UnsendableError("the Message-ID is none")
    if letter.unsubscribe_url is not None and not URL.fullmatch(letter.unsubscribe_url):
        raise UnsendableError("the address for unsubscribing is none")


def _body(letter: Letter) -> str:
    """The way out is in the text too: not every mail program shows the header."""
    url = letter.unsubscribe_url
    if url is None or url in letter.text:
        return letter.text
    label = WAY_OUT["zh" if letter.language.startswith("zh") else "en"]
    return f"{letter.text.rstrip()}\n\n--\n{label}: {url}\n"


def _mailbox(name: str, address: str) -> str:
    name = _one_line(name)
    if not name or "@" in name:
        return address
    short = len(name) <= MAX_PLAIN_CHARS and PLAIN_NAME.fullmatch(name)
    return f"{name if short else _words(name)} <{address}>"


def _text(value: str) -> str:
    value = _one_line(value)
    return value if len(value) <= MAX_PLAIN_CHARS and PLAIN.fullmatch(value) else _words(value)


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _words(value: str) -> str:
    """Encoded words, one a line."""
    chunks: list[bytes] = []
    chunk = b""
    for character in value:
        encoded = character.encode("utf-8", "replace")
        if len(chunk) + len(encoded) > WORD_BYTES:
            chunks.append(chunk)
            chunk = b""
        chunk += encoded
    chunks.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(each).decode()}?=" for each in chunks)
