"""Reads a mail as it came. Never raises: whatever cannot be read safely is quarantined with its reason.

The classic policy of `email` is used on purpose: its header access returns what is there, while the modern
one parses each header with a grammar that raises on some malformed input.
"""

import re
from email import message_from_bytes
from email.errors import (
    InvalidMultipartContentTransferEncodingDefect,
    MultipartInvariantViolationDefect,
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message
from email.utils import getaddresses
from hashlib import sha256

from interaction_router.channels.mail.body import read_parts
from interaction_router.channels.mail.charset import decode_words
from interaction_router.channels.mail.message import Parsed, Quarantined, QuarantineReason

MAX_BYTES = 25 * 1024 * 1024
MAX_PARTS = 200
MAX_DEPTH = 10
MAX_ID_CHARS = 500
MAX_SUBJECT_CHARS = 500

CONTENT_TYPE_LINE = re.compile(rb"^content-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
MESSAGE_ID = re.compile(r"<[^<>\s]{1,498}>")
ADDRESS = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[^@\s<>\"(),:;\\]{1,253}")
HIDES_CONTENT = (
    NoBoundaryInMultipartDefect,
    StartBoundaryNotFoundDefect,
    MultipartInvariantViolationDefect,
    InvalidMultipartContentTransferEncodingDefect,
)


def parse(raw: bytes) -> Parsed | Quarantined:
    """Read a mail, or say why it cannot be read."""
    if len(raw) > MAX_BYTES:
        return Quarantined(QuarantineReason.TOO_LARGE)
    if sum(1 for _ in CONTENT_TYPE_LINE.finditer(raw)) > MAX_PARTS:
        return Quarantined(QuarantineReason.TOO_MANY_PARTS, *_envelope(raw))
    try:
        return _parse(raw)
    except RecursionError:
        return Quarantined(QuarantineReason.TOO_DEEP, *_envelope(raw))
    except Exception:  # noqa: BLE001  Any error on hostile input is the same finding: a person must look.
        return Quarantined(QuarantineReason.UNREADABLE, *_envelope(raw))


def _parse(raw: bytes) -> Parsed | Quarantined:
    message = message_from_bytes(raw)
    sender_name, sender, authors = _author(message)
    subject = decode_words(_first(message, "subject"))[:MAX_SUBJECT_CHARS]
    fault = _structural_fault(message) or (None if sender else QuarantineReason.NO_SENDER)
    if fault is not None:
        return Quarantined(fault, sender, subject)
    content = read_parts(message)
    return Parsed(
        external_id=_own_id(message, raw),
        content_hash=_content_hash(message, raw),
        sender=sender,
        sender_name=sender_name,
        authors=authors,
        subject=subject,
        text=content.text,
        html_available=content.html_available,
        attachments=content.attachments,
        references=_references(message),
        headers=_headers(message),
    )


def _structural_fault(message: Message) -> QuarantineReason | None:
    parts = 0
    level: list[Message] = [message]
    for _ in range(MAX_DEPTH):
        parts += len(level)
        if parts > MAX_PARTS:
            return QuarantineReason.TOO_MANY_PARTS
        if any(isinstance(defect, HIDES_CONTENT) for part in level for defect in part.defects):
            return QuarantineReason.BROKEN_STRUCTURE
        level = [child for part in level for child in _children(part)]
        if not level:
            return None
    return QuarantineReason.TOO_DEEP


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _raw_values(message: Message, name: str) -> list[str]:
    return [value for key, value in message.raw_items() if key.lower() == name]


def _first(message: Message, name: str) -> str:
    return next(iter(_raw_values(message, name)), "")


def _author(message: Message) -> tuple[str, str, int]:
    """The sender, and how many authors the mail claims to have: more than one proves nothing."""
    fields = _raw_values(message, "from")
    found = [(name, address) for name, address in getaddresses(fields) if ADDRESS.fullmatch(address)]
    if not found:
        return "", "", len(fields)
    name, address = found[0]
    return decode_words(name)[:200], address.lower(), max(len(fields), len(found))


def _own_id(message: Message, raw: bytes) -> str:
    found = MESSAGE_ID.search(_first(message, "message-id"))
    return found.group() if found else f"sha256:{sha256(raw).hexdigest()}"


def _content_hash(message: Message, raw: bytes) -> bytes:
    """Of what stays the same when a mail is sent on again, and however we may come to read it."""
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip()
    head = [" ".join(_first(message, name).split()) for name in ("from", "subject", "date")]
    return sha256("\n".join(head).encode("utf-8", "surrogateescape") + b"\n\n" + body).digest()


def _references(message: Message) -> tuple[str, ...]:
    """Message-IDs that this one answers, nearest first."""
    chain = MESSAGE_ID.findall(_first(message, "references"))
    parents = MESSAGE_ID.findall(_first(message, "in-reply-to"))
    return tuple(dict.fromkeys([*parents, *reversed(chain)]))[:50]


def _headers(message: Message) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for key, value in message.raw_items():
        found.setdefault(key.lower(), []).append(decode_words(str(value)))
    return {key: tuple(values) for key, values in found.items()}


def _envelope(raw: bytes) -> tuple[str, str]:
    """Sender and subject as far as they can be told without trusting the rest."""
    head = raw[:65536].replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
    try:
        message = message_from_bytes(head)
        return _author(message)[1], decode_words(_first(message, "subject"))[:MAX_SUBJECT_CHARS]
    except Exception:  # noqa: BLE001  As above: quarantine must not fail for want of a subject.
        return "", ""
