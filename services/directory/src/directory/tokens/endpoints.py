"""The token endpoint, and the documents by which others verify its tokens."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from careline.app import service_of
from careline.auth import InvalidTokenError, verifier_of
from careline.database import ReadSession, ReadSessionDep
from careline.ids import decode
from directory.people import repository as people
from directory.people.schemas import Person
from directory.resources import settings_of, token_issuer_of
from directory.tokens import grants
from directory.tokens.callers import Caller, authenticate
from directory.tokens.errors import OAuthError, OAuthErrorDocument
from directory.tokens.forms import FORM, read_credentials, read_form
from directory.tokens.issuing import Grant
from directory.tokens.keys import ALGORITHM, key_set
from directory.tokens.schemas import TOKEN_REQUEST, IssuerDocument, KeySetDocument, TokenAnswer

CLIENT_CREDENTIALS: Final = "client_credentials"
TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 -- a name
# Verifiers ask again at once for a key that they do not know, so this only bounds how long a withdrawn one is used.
KEYS_CACHED_SECONDS: Final = 300

router = APIRouter(tags=["tokens"])

_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": OAuthErrorDocument, "description": "Refused"},
    401: {"model": OAuthErrorDocument, "description": "Unknown client"},
}


@router.post(
    "/oauth/token",
    responses=_REFUSALS,
    response_model_exclude_none=True,
    openapi_extra={"requestBody": {"required": True, "content": {FORM: {"schema": TOKEN_REQUEST}}}},
)
async def issue_token(request: Request, session: ReadSessionDep) -> TokenAnswer:
    """A token for a program in its own name, or for a service that acts for a person."""
    form = await read_form(request)
    credentials = read_credentials(request.headers.get("authorization"), form)
    caller = await authenticate(session, settings_of(request).service_clients, credentials)
    grant, issued_token_type = await _granted(request, session, caller, form)
    issued = token_issuer_of(request).issue(grant, service_of(request).clock.now())
    return TokenAnswer(
        access_token=issued.access_token,
        token_type="Bearer",  # noqa: S106 -- a name
        expires_in=issued.expires_in,
        scope=issued.scope,
        issued_token_type=issued_token_type,
    )


@router.get("/.well-known/jwks.json")
async def get_keys(request: Request, response: Response) -> KeySetDocument:
    """The keys that verify our tokens."""
    settings = settings_of(request)
    response.headers["Cache-Control"] = f"public, max-age={KEYS_CACHED_SECONDS}"
    return KeySetDocument.model_validate(key_set(settings.signing_key, settings.published_keys))


@router.get("/.well-known/openid-configuration")
async def get_issuer(request: Request) -> IssuerDocument:
    """Where to get tokens and keys."""
    settings = settings_of(request)
    return IssuerDocument(
        issuer=settings.token_issuer,
        token_endpoint=f"{settings.public_base}/oauth/token",
        jwks_uri=f"{settings.public_base}/.well-known/jwks.json",
        grant_types_supported=[CLIENT_CREDENTIALS, TOKEN_EXCHANGE],
        response_types_supported=[],
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=[ALGORITHM],
        token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
    )


async def _granted(
    request: Request, session: ReadSession, caller: Caller, form: Mapping[str, str]
) -> tuple[Grant, str | None]:
    grant_type = form.get("grant_type")
    if grant_type is None:
        raise OAuthError("invalid_request", "Send a grant_type.")
    if grant_type == CLIENT_CREDENTIALS:
        return grants.client_grant(caller, form), None
    if grant_type == TOKEN_EXCHANGE:
        return await _exchanged(request, session, caller, form), grants.ACCESS_TOKEN_TYPE
    raise OAuthError("unsupported_grant_type", f"Use {CLIENT_CREDENTIALS} or {TOKEN_EXCHANGE}.")


async def _exchanged(request: Request, session: ReadSession, caller: Caller, form: Mapping[str, str]) -> Grant:
    token = grants.check_exchange(caller, form, audience=settings_of(request).token_audience)
    try:
        subject = await verifier_of(request).verify(token)
        person_id = decode("per", subject.subject)
    except (InvalidTokenError, ValueError):
        raise OAuthError("invalid_grant", "The subject token is no valid token of a person.") from None
    row = await people.find(session, person_id)
    ends_now = subject.expires_at < service_of(request).clock.now().timestamp() + 1
    if ends_now or subject.kind != "person" or row is None or not row.active:
        raise OAuthError("invalid_grant", "The subject token is no valid token of a person.")
    return grants.exchange_grant(caller, form, subject=subject, person=Person.model_validate(row))
