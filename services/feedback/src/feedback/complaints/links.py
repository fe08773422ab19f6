"""The link by which a customer says whether it is solved: signed, for one answer, naming nobody."""

import base64
import binascii
import hashlib
import hmac
from typing import Final
from uuid import UUID

SIGNATURE_BYTES: Final = 16
ROUND_BYTES: Final = 2
ID_BYTES: Final = 16
_LENGTH: Final = ID_BYTES + ROUND_BYTES + SIGNATURE_BYTES
_PURPOSE: Final = b"careline complaint word v1"


class WordLinks:
    """Makes and reads the links of one installation."""

    def __init__(self, key: str, public_url: str) -> None:
        self._key = key.encode()
        self._public_url = public_url.rstrip("/")

    def url(self, complaint_id: UUID, reopened_count: int) -> str:
        """The link under the answer that was given after so many re-openings."""
        return f"{self._public_url}/api/feedback/v1/complaint-words/{self.token(complaint_id, reopened_count)}"

    def token(self, complaint_id: UUID, reopened_count: int) -> str:
        """The token of one answer."""
        named = complaint_id.bytes + reopened_count.to_bytes(ROUND_BYTES, "big")
        return base64.urlsafe_b64encode(named + self._signature(named)).decode().rstrip("=")

    def read(self, token: str) -> tuple[UUID, int] | None:
        """The complaint and the round of a token of ours, else None."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        named, signature = raw[: ID_BYTES + ROUND_BYTES], raw[ID_BYTES + ROUND_BYTES :]
        if len(raw) != _LENGTH or not hmac.compare_digest(signature, self._signature(named)):
            return None
        return UUID(bytes=named[:ID_BYTES]), int.from_bytes(named[ID_BYTES:], "big")

    def _signature(self, named: bytes) -> bytes:
        return hmac.new(self._key, _PURPOSE + named, hashlib.sha256).digest()[:SIGNATURE_BYTES]
