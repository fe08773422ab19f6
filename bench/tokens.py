"""Access tokens as the directory signs them, with its own key from the stand's vault, but for an hour."""

import json
import time

from joserfc import jwt
from joserfc.jwk import OKPKey

from careline_local.system.vault import Vault
from tests.faults.stand import Stand

SECONDS = 3600


def token(stand: Stand, subject: str, scopes: str, *, kind: str = "person") -> str:
    """A token that the services of the stand accept."""
    key = _key(stand.vault)
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
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, claims, key, algorithms=["Ed25519"])


def _key(vault: Vault) -> OKPKey:
    return OKPKey.import_key(json.loads(vault.signing_key("directory signing key")))
