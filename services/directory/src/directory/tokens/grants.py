"""What each kind of request may be granted: pure rules."""

from collections.abc import Mapping
from typing import Final

from careline.auth import Principal
from careline.ids import encode
from directory.people.roles import scopes_of
from directory.people.schemas import Person
from directory.tokens.callers import Caller
from directory.tokens.errors import OAuthError
from directory.tokens.issuing import Grant

ACCESS_TOKEN_TYPE: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 -- a name
JWT_TYPE: Final = "urn:ietf:params:oauth:token-type:jwt"
TOKEN_TYPES: Final = frozenset({ACCESS_TOKEN_TYPE, JWT_TYPE})


def person_grant(person: Person) -> Grant:
    """All that the person may do now."""
    roles = frozenset(role.value for role in person.roles)
    return Grant(encode("per", person.id), "person", person.name, person.locale, roles, scopes_of(roles))


def client_grant(caller: Caller, form: Mapping[str, str]) -> Grant:
    """What a program may do in its own name: all of its scopes, or those it asks for."""
    scopes = _narrowed(caller.scopes, form.get("scope"))
    return Grant(caller.client_id, caller.kind, caller.name, "en", frozenset(), scopes)


def check_exchange(caller: Caller, form: Mapping[str, str], *, audience: str) -> str:
    """The subject token of a token exchange (RFC 8693) that is well-formed and asked for by a service."""
    if caller.kind != "service":
        raise OAuthError("unauthorized_client", "Only services act for people.")
    subject_token = form.get("subject_token")
    if subject_token is None or form.get("subject_token_type") not in TOKEN_TYPES:
        raise OAuthError("invalid_request", f"Send subject_token, and subject_token_type {ACCESS_TOKEN_TYPE}.")
    if form.get("requested_token_type", ACCESS_TOKEN_TYPE) not in TOKEN_TYPES:
        raise OAuthError("invalid_request", "Only access tokens are issued.")
    if "actor_token" in form or "actor_token_type" in form:
        raise OAuthError("invalid_request", "The actor is the client that asks; leave actor_token out.")
    if "resource" in form or form.get("audience", audience) != audience:
        raise OAuthError("invalid_target", f"Tokens are for {audience} only.")
    return subject_token


def exchange_grant(caller: Caller, form: Mapping[str, str], *, subject: Principal, person: Person) -> Grant:
    """What a service may do for a person: what both the person's token and the person's roles of today allow.

    The service adds nothing of its own, and the new token ends when the person's does.
    """
    today = person_grant(person)
    scopes = _narrowed(subject.scopes & today.scopes, form.get("scope"))
    actor: dict[str, object] = {"sub": caller.client_id}
    if subject.actor is not None:
        actor["act"] = {"sub": subject.actor}
    return Grant(
        today.subject,
        today.kind,
        today.name,
        today.locale,
        subject.roles & today.roles,
        scopes,
        actor=actor,
        not_after=subject.expires_at,
    )


def _narrowed(allowed: frozenset[str], requested: str | None) -> frozenset[str]:
    if requested is None:
        return allowed
    wanted = frozenset(requested.split())
    if not wanted or not wanted <= allowed:
        raise OAuthError("invalid_scope", "More was asked for than may be granted.")
    return wanted
