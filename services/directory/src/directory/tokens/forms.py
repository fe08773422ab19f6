"""Requests to the token endpoint: a form, each parameter once, and the client's credentials in one of two places."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import Request

from directory.tokens.errors import OAuthError

MAX_PARAMETERS: Final = 20
FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class ClientCredentials:
    """What a client says to prove itself."""

    client_id: str
    secret: str


async def read_form(request: Request) -> dict[str, str]:
    """The parameters; OAuthError if the body is no form or names one twice. An empty one counts as left out."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise OAuthError("invalid_request", f"Send the parameters as {FORM}.")
    try:
        pairs = parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise OAuthError("invalid_request", "The body is not a form in UTF-8.") from None
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)):
        raise OAuthError("invalid_request", "A parameter may be given once only.")
    return {name: value for name, value in pairs if value}


def read_credentials(authorization: str | None, form: Mapping[str, str]) -> ClientCredentials:
    """The client's id and secret, from HTTP Basic or from the form but not from both."""
    in_form = form.get("client_id"), form.get("client_secret")
    if authorization is not None:
        if in_form[1] is not None:
            raise OAuthError("invalid_request", "Send the client's secret in the header or in the form, not in both.")
        credentials = _from_basic(authorization)
        if in_form[0] not in {None, credentials.client_id}:
            raise OAuthError("invalid_request", "The header and the form name different clients.")
        return credentials
    if in_form[0] is None or in_form[1] is None:
        raise OAuthError("invalid_client", "Send the client's id and secret, by HTTP Basic or in the form.")
    return ClientCredentials(in_form[0], in_form[1])


def _from_basic(authorization: str) -> ClientCredentials:
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ""
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise OAuthError("invalid_client", "The Authorization header must be HTTP Basic.")
    return ClientCredentials(unquote_plus(client_id), unquote_plus(secret))
