"""An agent's answer as a mail. It carries no Auto-Submitted: a person wrote it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

MAX_REFERENCES = 20
ANSWERED = re.compile(r"^(?:(?:re|aw|回复|答复)\s*[:\uff1a]\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a reply is made of."""

    message_id: str
    sender_name: str
    sender: str
    recipient_name: str
    recipient: str
    subject: str
    text: str
    sent_at: datetime
    references: Sequence[str]
    cc: Sequence[str] = ()


def build_reply(reply: Reply) -> bytes:
    """The bytes that go to the mail server; the same input gives the same bytes."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=200))
    message["From"] = _address(reply.sender_name, reply.sender)
    message["To"] = _address(reply.recipient_name, reply.recipient)
    if reply.cc:
        message["Cc"] = [_address("", each) for each in reply.cc]
    message["Subject"] = reply_subject(reply.subject)
    message["Date"] = format_datetime(reply.sent_at)
    message["Message-ID"] = reply.message_id
    if reply.references:
        message["In-Reply-To"] = reply.references[-1]
        message["References"] = " ".join(_shortened(reply.references))
    message.set_content(reply.text, charset="utf-8", cte="base64")
    return message.as_bytes()


def reply_subject(subject: str) -> str:
    """One Re: and no line break, whatever the customer wrote."""
    bare = ANSWERED.sub("", " ".join(subject.split()))
    return f"Re: {bare}".rstrip()


def _shortened(references: Sequence[str]) -> Sequence[str]:
    """The root and the nearest: what RFC 5322 advises when the chain grows too long."""
    if len(references) <= MAX_REFERENCES:
        return references
    return [references[0], *references[-(MAX_REFERENCES - 1) :]]


def _address(name: str, address: str) -> Address:
    return Address(display_name=" ".join(name.split()), addr_spec=address)
