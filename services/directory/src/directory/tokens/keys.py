"""The keys: one that signs, and all whose signatures are still or already to be trusted."""

import json
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OKPKey
from joserfc.util import urlsafe_b64encode

ALGORITHM: Final = "Ed25519"  # RFC 9864; "EdDSA" leaves open which curve.

_HINT: Final = "must be an Ed25519 private key as JSON Web Key, with kty, crv, x and d"
_PUBLIC_HINT: Final = "must be a JSON list of Ed25519 public keys as JSON Web Keys"


def read_signing_key(value: object) -> OKPKey:
    """The private key in a JSON text; ValueError never repeats what was given."""
    return _read_key(_parsed(value, _HINT), private=True, hint=_HINT)


def read_published_keys(value: object) -> list[OKPKey]:
    """The public keys in a JSON text."""
    items = _parsed(value, _PUBLIC_HINT)
    if not isinstance(items, list):
        raise ValueError(_PUBLIC_HINT)  # noqa: TRY004 -- Pydantic reports a ValueError
    return [_read_key(item, private=False, hint=_PUBLIC_HINT) for item in items]


def sign(key: OKPKey, claims: Mapping[str, Any]) -> str:
    """A signed access token (RFC 9068) with these claims."""
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": "at+jwt"}
    return jwt.encode(header, dict(claims), key, algorithms=[ALGORITHM])


def key_set(signing: OKPKey, published: list[OKPKey]) -> dict[str, Any]:
    """The JSON Web Key Set, without any private part."""
    others = [key for key in published if key.kid != signing.kid]
    return dict(KeySet([signing, *others]).as_dict(private=False))


def _parsed(value: object, hint: str) -> Any:
    if not isinstance(value, str):
        raise ValueError(hint)  # noqa: TRY004 -- Pydantic reports a ValueError
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError(hint) from None


def _read_key(item: Any, *, private: bool, hint: str) -> OKPKey:
    wanted = ("kty", "crv", "x", "d") if private else ("kty", "crv", "x")
    named = isinstance(item, dict) and (item.get("kty"), item.get("crv")) == ("OKP", "Ed25519")
    if not named or ("d" in item) is not private:
        raise ValueError(hint)
    try:
        key = OKPKey.import_key({name: item[name] for name in wanted})
        public = urlsafe_b64encode(key.public_key.public_bytes_raw()).decode()
    except (JoseError, ValueError, KeyError, TypeError):
        raise ValueError(hint) from None
    if item["x"] != public:
        raise ValueError("has an x that does not belong to its d")
    kid = item.get("kid")
    described: dict[str, str | list[str]] = {name: str(item[name]) for name in wanted}
    described |= {"use": "sig", "alg": ALGORITHM, "kid": kid if isinstance(kid, str) and kid else key.thumbprint()}
    return OKPKey.import_key(described)
