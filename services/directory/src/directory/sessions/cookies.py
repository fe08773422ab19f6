"""The session cookie."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import Cookie, Response

from directory.settings import PUBLIC_PATH, Settings

COOKIE_NAME: Final = "careline_session"

SessionCookie = Annotated[str | None, Cookie(alias=COOKIE_NAME, description="Set by signing in.")]


def set_cookie(response: Response, settings: Settings, value: str, *, expires_at: datetime, now: datetime) -> None:
    """Give the browser the session; no script reads it and no other path gets it."""
    response.set_cookie(
        COOKIE_NAME,
        value,
        max_age=int((expires_at - now).total_seconds()),
        path=PUBLIC_PATH,
        secure=_only_encrypted(settings),
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        COOKIE_NAME, path=PUBLIC_PATH, secure=_only_encrypted(settings), httponly=True, samesite="strict"
    )


def _only_encrypted(settings: Settings) -> bool:
    """On one machine without TLS a Secure cookie would never come back."""
    return settings.public_url.startswith("https://")
