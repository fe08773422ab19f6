"""The token in an unsubscribe link: which customer says no to what, signed, and nothing personal in it.

It does not expire: a link in an old mail must work as one in a new mail does.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Final, get_args
from uuid import UUID

from care_scheduler.gates.model import Channel, Purpose

_FORM: Final = 1
_PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)
_CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)
_SEAL_BYTES: Final = 16
_BODY_BYTES: Final = 3 + 16 + 16


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the holder of a token may say no to, and the care that the link came with."""

    customer_id: UUID
    care_id: UUID
    purpose: Purpose
    channel: Channel


def sign(refusal: Refusal, key: str) -> str:
    """The token, 68 characters that need no escaping."""
    kinds = bytes([_FORM, _PURPOSES.index(refusal.purpose), _CHANNELS.index(refusal.channel)])
    body = kinds + refusal.customer_id.bytes + refusal.care_id.bytes
    return base64.urlsafe_b64encode(body + _seal(body, key)).decode()


def read(token: str, key: str) -> Refusal | None:
    """What the token says; None unless we signed it."""
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, seal = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
    if len(body) != _BODY_BYTES or body[0] != _FORM or not hmac.compare_digest(seal, _seal(body, key)):
        return None
    return Refusal(
        UUID(bytes=body[3:19]),
        UUID(bytes=body[19:35]),
        _PURPOSES[body[1]],
        _CHANNELS[body[2]],
    )


def _seal(body: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), b"careline unsubscribe\n" + body, hashlib.sha256)[:_SEAL_BYTES]
