"""The token in a survey's link: 128 random bits and their signature.

The random half is kept with the invitation, the key of the signature is not in the database: who reads the database
cannot answer for a customer, and a guess costs no query. The token names nobody.
"""

import base64
import binascii
import hashlib
import hmac
import secrets

NONCE_BYTES = 16
SIGNATURE_BYTES = 16
TOKEN_CHARS = 43
_PURPOSE = b"careline survey link v1"


class Links:
    """Makes and reads the links of one installation."""

    def __init__(self, key: str, public_url: str) -> None:
        self._key = key.encode()
        self._public_url = public_url.rstrip("/")

    def url(self, nonce: bytes) -> str:
        """The link for a customer. The token stands behind `#`, so that no server on the way logs it."""
        return f"{self._public_url}/survey/#{self.token(nonce)}"

    def token(self, nonce: bytes) -> str:
        """The token of an invitation."""
        return base64.urlsafe_b64encode(nonce + self._signature(nonce)).decode().rstrip("=")

    def nonce(self, token: str) -> bytes | None:
        """The random half of a token of ours, else None."""
        if len(token) != TOKEN_CHARS:
            return None
        try:
            raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        nonce, signature = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
        return nonce if hmac.compare_digest(signature, self._signature(nonce)) else None

    def _signature(self, nonce: bytes) -> bytes:
        return hmac.new(self._key, _PURPOSE + nonce, hashlib.sha256).digest()[:SIGNATURE_BYTES]


def new_nonce() -> bytes:
    """The random half of a new token."""
    return secrets.token_bytes(NONCE_BYTES)
