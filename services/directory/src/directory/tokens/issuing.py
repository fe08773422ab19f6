"""Access tokens: short, signed, and they say who asks, by whom, and what they may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc.jwk import OKPKey

from careline.ids import new_id
from directory.tokens.keys import sign

TOKEN_SECONDS: Final = 300


@dataclass(frozen=True)
class Grant:
    """What a token is to say."""

    subject: str
    kind: str
    name: str
    locale: str
    roles: frozenset[str]
    scopes: frozenset[str]
    # Who acts in the subject's name (RFC 8693, section 4.1).
    actor: Mapping[str, Any] | None = None
    # A token got for another token does not outlive it.
    not_after: float | None = None


@dataclass(frozen=True)
class IssuedToken:
    """A signed token and what its receiver should know of it."""

    access_token: str
    expires_in: int
    scope: str


class TokenIssuer:
    """Signs tokens of this issuer for this system."""

    def __init__(self, key: OKPKey, *, issuer: str, audience: str) -> None:
        self._key = key
        self._issuer = issuer
        self._audience = audience

    def issue(self, grant: Grant, now: datetime) -> IssuedToken:
        """A token for five minutes at the most."""
        issued_at = int(now.timestamp())
        expires_at = issued_at + TOKEN_SECONDS
        if grant.not_after is not None:
            expires_at = min(expires_at, int(grant.not_after))
        scope = " ".join(sorted(grant.scopes))
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": grant.subject,
            "aud": self._audience,
            "iat": issued_at,
            "exp": expires_at,
            "jti": str(new_id()),
            "kind": grant.kind,
            "name": grant.name,
            "locale": grant.locale,
            "roles": sorted(grant.roles),
            "scope": scope,
        }
        if grant.actor is not None:
            claims["act"] = grant.actor
        return IssuedToken(sign(self._key, claims), expires_at - issued_at, scope)
