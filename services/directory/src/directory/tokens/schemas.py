"""What the token endpoint and the documents beside it say."""

from typing import Any, Literal

from pydantic import BaseModel


class TokenAnswer(BaseModel):
    """An issued token (RFC 6749, section 5.1; RFC 8693, section 2.2)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str
    issued_token_type: str | None = None


class PublicKey(BaseModel):
    """A key that verifies tokens."""

    kty: str
    crv: str
    x: str
    use: str
    alg: str
    kid: str


class KeySetDocument(BaseModel):
    """JSON Web Key Set (RFC 7517)."""

    keys: list[PublicKey]


class IssuerDocument(BaseModel):
    """Metadata of the issuer (RFC 8414, OpenID Connect Discovery)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    grant_types_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


TOKEN_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": _text(
            "How the token is asked for.",
            enum=["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"],
        ),
        "scope": _text("Scopes, separated by spaces; all that may be granted if left out."),
        "client_id": _text("If HTTP Basic is not used."),
        "client_secret": _text("If HTTP Basic is not used."),
        "subject_token": _text("Token exchange: the person's access token."),
        "subject_token_type": _text("Token exchange: urn:ietf:params:oauth:token-type:access_token."),
        "requested_token_type": _text("Token exchange: urn:ietf:params:oauth:token-type:access_token."),
        "audience": _text("Token exchange: the audience of this system."),
    },
}
