"""Refusals of the token endpoint, which speaks RFC 6749 (section 5.2) and not problem details."""

from typing import Final, Literal

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

ErrorCode = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
]

_UNAUTHORIZED: Final = 401
_BAD_REQUEST: Final = 400


class OAuthErrorDocument(BaseModel):
    """The body of a refusal."""

    error: ErrorCode
    error_description: str


class OAuthError(Exception):
    """The token endpoint refuses, with one of the codes that the RFC lists."""

    def __init__(self, error: ErrorCode, description: str) -> None:
        super().__init__(description)
        self.document = OAuthErrorDocument(error=error, error_description=description)

    def response(self) -> Response:
        """The answer that carries the document."""
        unknown_client = self.document.error == "invalid_client"
        return JSONResponse(
            self.document.model_dump(),
            _UNAUTHORIZED if unknown_client else _BAD_REQUEST,
            {"WWW-Authenticate": 'Basic realm="directory"'} if unknown_client else None,
        )


async def answer_oauth_error(_: Request, fault: Exception) -> Response:
    """The exception handler."""
    assert isinstance(fault, OAuthError)  # noqa: S101 -- Starlette hands over what was registered
    return fault.response()
