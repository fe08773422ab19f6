"""An OpenID Connect issuer for tests: real keys, real signatures, its key set served without a network."""

from time import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

ISSUER = "https://issuer.test"
AUDIENCE = "careline"


class TestIssuer:
    """Signs tokens that a service under test accepts.

    Usage::

        issuer = TestIssuer()
        headers = issuer.headers("per_…", scopes=["desk:use"])
    """

    __test__ = False

    def __init__(self) -> None:
        self._key = OKPKey.generate_key("Ed25519", parameters={"use": "sig", "alg": "Ed25519"}, auto_kid=True)

    def token(
        self,
        subject: str,
        *,
        scopes: list[str],
        kind: str = "person",
        name: str = "Test",
        roles: list[str] | None = None,
        lifetime_seconds: float = 300,
        **claims: Any,
    ) -> str:
        """A signed access token."""
        now = time()
        body = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": int(now),
            "exp": now + lifetime_seconds,
            "kind": kind,
            "name": name,
            "locale": "en",
            "roles": roles or [],
            "scope": " ".join(scopes),
            **claims,
        }
        return jwt.encode({"alg": "Ed25519", "kid": self._key.kid}, body, self._key, algorithms=["Ed25519"])

    def headers(self, subject: str, *, scopes: list[str], **named: Any) -> dict[str, str]:
        """The Authorization header of a caller."""
        return {"Authorization": f"Bearer {self.token(subject, scopes=scopes, **named)}"}

    def http(self) -> httpx.AsyncClient:
        """A client that answers every request with the key set."""
        keys = KeySet([self._key]).as_dict(private=False)
        return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=keys)))
