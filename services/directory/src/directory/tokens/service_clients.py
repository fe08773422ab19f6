"""The other services of this installation, as the setting DIRECTORY_SERVICE_CLIENTS names them."""

import json
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

MIN_SECRET_LENGTH: Final = 32

# Characters that HTTP Basic and a form carry unchanged, so that no two ends can disagree on their encoding.
_SECRET = re.compile(rf"[A-Za-z0-9._~-]{{{MIN_SECRET_LENGTH},256}}")
_CLIENT_ID = re.compile(r"[a-z][a-z0-9-]{0,63}")
_SCOPE = re.compile(r"[a-z]+(?:[:._-][a-z]+)*")


@dataclass(frozen=True)
class ServiceIdentity:
    """A service that may ask for tokens."""

    client_id: str
    secret_hash: bytes = field(repr=False)
    scopes: frozenset[str]


def read_service_clients(value: object) -> dict[str, ServiceIdentity]:
    """The services in a JSON text; ValueError names the one that is wrong and never repeats its secret."""
    try:
        entries = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        entries = None
    if not isinstance(entries, dict):
        raise ValueError('must be JSON like {"router": {"secret": "…", "scopes": ["profile:read"]}}')  # noqa: TRY004
    return {client_id: _read_one(client_id, entry) for client_id, entry in entries.items()}


def _read_one(client_id: str, entry: Any) -> ServiceIdentity:
    if not _CLIENT_ID.fullmatch(client_id):
        raise ValueError(f"client id {client_id!r} must be lower-case letters, digits and hyphens")
    if not isinstance(entry, dict) or set(entry) != {"secret", "scopes"}:
        raise ValueError(f"{client_id} must have a secret and scopes, and nothing else")
    secret, scopes = entry["secret"], entry["scopes"]
    if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
        raise ValueError(
            f"the secret of {client_id} must have at least {MIN_SECRET_LENGTH} characters out of A-Z a-z 0-9 . _ ~ -"
        )
    if not isinstance(scopes, list) or not all(isinstance(item, str) and _SCOPE.fullmatch(item) for item in scopes):
        raise ValueError(f"the scopes of {client_id} must be a list of texts like profile:read")
    return ServiceIdentity(client_id, sha256(secret.encode()).digest(), frozenset(scopes))
