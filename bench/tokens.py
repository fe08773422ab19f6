"""Access tokens as the directory signs them, with its own key from the stand's vault, but for an hour."""

import time

from directory.tokens.keys import read_signing_key, sign
from tests.faults.stand import Stand

SECONDS = 3600


def token(stand: Stand, subject: str, scopes: str, *, kind: str = "person") -> str:
    """A token that the services of the stand accept."""
    now = int(time.time())
    claims = {
        "iss": f"{stand.public_url}/api/directory",
        "sub": subject,
        "aud": "careline",
        "iat": now,
        "exp": now + SECONDS,
        "jti": subject,
        "kind": kind,
        "name": "Bench",
        "locale": "en",
        "roles": [],
        "scope": scopes,
    }
    return sign(read_signing_key(stand.vault.signing_key("directory signing key")), claims)
