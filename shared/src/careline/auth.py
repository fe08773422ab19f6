"""Who asks: access tokens of any OpenID Connect issuer, verified against its published keys."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, time
from typing import Any, cast

import httpx
from fastapi import Depends
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.requests import HTTPConnection

from careline.clients import trusted_authorities
from careline.problems import Forbidden, Unauthenticated, Unavailable
from careline.settings import ServiceSettings

ALGORITHMS = ["EdDSA", "Ed25519", "ES256", "RS256", "PS256"]
KEYS_MIN_AGE_SECONDS = 5.0
CACHED_TOKENS = 4096
CLOCK_SKEW_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Principal:
    """The person or program that a token speaks for."""

    subject: str
    kind: str
    name: str
    locale: str
    roles: frozenset[str]
    scopes: frozenset[str]
    actor: str | None
    expires_at: float

    def may(self, scope: str) -> bool:
        """Whether the token carries `scope`."""
        return scope in self.scopes


class InvalidTokenError(Exception):
    """The token is broken, expired, or not from our issuer for us."""


class TokenVerifier:
    """Verifies tokens and remembers those it has verified until they expire."""

    def __init__(self, settings: ServiceSettings, *, http: httpx.AsyncClient | None = None) -> None:
        self._issuer = settings.token_issuer
        self._audience = settings.token_audience
        self._jwks_url = settings.token_jwks_url
        self._http = http or httpx.AsyncClient(timeout=3, verify=trusted_authorities())
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._fetching = asyncio.Lock()
        self._verified: dict[str, Principal] = {}

    async def verify(self, token: str) -> Principal:
        """The principal of `token`; InvalidTokenError or Unavailable (no keys to be had) otherwise."""
        known = self._verified.get(token)
        if known is not None and known.expires_at > time():
            return known
        principal = self._principal(await self._claims(token))
        if len(self._verified) >= CACHED_TOKENS:
            self._verified.clear()
        self._verified[token] = principal
        return principal

    async def close(self) -> None:
        """Close the connection to the issuer."""
        await self._http.aclose()

    async def _claims(self, token: str) -> Mapping[str, Any]:
        keys = self._keys or await self._fetch_keys()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError):
            # The issuer may have rotated its keys since: ask once more, but not on every forged token.
            if monotonic() - self._fetched_at < KEYS_MIN_AGE_SECONDS:
                raise InvalidTokenError("The token is not signed by our issuer.") from None
        try:
            return jwt.decode(token, await self._fetch_keys(), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError):
            raise InvalidTokenError("The token is not signed by our issuer.") from None

    async def _fetch_keys(self) -> KeySet:
        async with self._fetching:
            if self._keys is not None and monotonic() - self._fetched_at < KEYS_MIN_AGE_SECONDS:
                return self._keys
            try:
                answer = await self._http.get(self._jwks_url)
                answer.raise_for_status()
                self._keys = KeySet.import_key_set(answer.json())
                self._fetched_at = monotonic()
            except (httpx.HTTPError, ValueError) as fault:
                if self._keys is None:
                    raise Unavailable("The keys that verify tokens cannot be fetched yet.") from fault
            return self._keys

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        audience = claims.get("aud", [])
        audiences = [audience] if isinstance(audience, str) else audience
        expires_at = claims.get("exp")
        subject = claims.get("sub")
        if claims.get("iss") != self._issuer or self._audience not in audiences:
            raise InvalidTokenError("The token is not from our issuer or not for this system.")
        if not isinstance(expires_at, int | float) or expires_at + CLOCK_SKEW_SECONDS <= time():
            raise InvalidTokenError("The token has expired.")
        if not isinstance(subject, str) or not subject:
            raise InvalidTokenError("The token names nobody.")
        actor = claims.get("act")
        return Principal(
            subject=subject,
            kind=str(claims.get("kind", "person")),
            name=str(claims.get("name", "")),
            locale=str(claims.get("locale", "en")),
            roles=frozenset(claims.get("roles", ())),
            scopes=frozenset(str(claims.get("scope", "")).split()),
            actor=actor.get("sub") if isinstance(actor, Mapping) else None,
            expires_at=float(expires_at),
        )


def bearer_token(connection: HTTPConnection) -> str | None:
    """The token of an `Authorization: Bearer` header."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and token else None


async def authenticate(connection: HTTPConnection) -> Principal:
    """The principal of the request; raises Unauthenticated."""
    token = bearer_token(connection)
    if token is None:
        raise Unauthenticated("Send an access token as 'Authorization: Bearer …'.")
    try:
        return await verifier_of(connection).verify(token)
    except InvalidTokenError as fault:
        raise Unauthenticated(str(fault)) from None


def verifier_of(connection: HTTPConnection) -> TokenVerifier:
    """The verifier that the application opened."""
    return cast("TokenVerifier", connection.state.verifier)


def requires(scope: str) -> Any:
    """A dependency that yields the principal if its token carries `scope`.

    Usage::

        async def endpoint(principal: Annotated[Principal, requires("desk:use")]): ...
    """

    async def check(connection: HTTPConnection) -> Principal:
        principal = await authenticate(connection)
        if not principal.may(scope):
            raise Forbidden(f"This needs the scope {scope}.", scope=scope)
        return principal

    # What a route requires can be read back: the matrix of routes and rights is generated from it.
    check.required_scope = scope  # type: ignore[attr-defined]
    return Depends(check)
