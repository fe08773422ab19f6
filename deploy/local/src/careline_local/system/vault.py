"""Passwords and keys: generated once, kept in one file that only its owner may read."""

import json
import os
import secrets
import threading
from pathlib import Path
from typing import Final

from joserfc.jwk import OKPKey

_FILE: Final = "secrets.json"


class Vault:
    """Gives every secret by its name and makes it on the first question."""

    def __init__(self, folder: Path) -> None:
        """Open the vault in `folder`; nothing is written before the first secret."""
        self.folder = folder
        self._file = folder / _FILE
        self._lock = threading.Lock()
        self._known: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def password(self, name: str) -> str:
        """A password of 192 bits, in 32 letters, digits, hyphens and underscores."""
        return self._known.get(name) or self._keep(name, secrets.token_urlsafe(24))

    def signing_key(self, name: str) -> str:
        """An Ed25519 private key as JSON Web Key."""
        return self._known.get(name) or self._keep(name, _new_signing_key())

    def starting_with(self, prefix: str) -> dict[str, str]:
        """The secrets whose names begin so, by the rest of their names."""
        return {name.removeprefix(prefix): value for name, value in self._known.items() if name.startswith(prefix)}

    def _keep(self, name: str, value: str) -> str:
        with self._lock:
            self._known.setdefault(name, value)
            write_private(self._file, json.dumps(self._known, indent=1))
            return self._known[name]


def write_private(path: Path, text: str) -> None:
    """Write a file that is never, not even for a moment, half written or open to others."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


def _new_signing_key() -> str:
    key = OKPKey.generate_key("Ed25519", parameters={"use": "sig", "alg": "EdDSA"}, auto_kid=True)
    return json.dumps(key.as_dict(private=True))
