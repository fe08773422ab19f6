"""What a running directory has beside the common frame."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from starlette.requests import HTTPConnection

from careline.app import Service
from directory.people.passwords import Passwords
from directory.settings import Settings
from directory.tokens.issuing import TokenIssuer


@asynccontextmanager
async def open_resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    """The lifespan state of the directory alone."""
    settings = settings_of_service(service)
    token_issuer = TokenIssuer(settings.signing_key, issuer=settings.token_issuer, audience=settings.token_audience)
    yield {"passwords": Passwords(), "token_issuer": token_issuer}


def settings_of_service(service: Service) -> Settings:
    """The directory's own settings."""
    return cast("Settings", service.settings)


def settings_of(connection: HTTPConnection) -> Settings:
    """The directory's own settings."""
    return cast("Settings", connection.state.settings)


def passwords_of(connection: HTTPConnection) -> Passwords:
    """Hashes and checks passwords."""
    return cast("Passwords", connection.state.passwords)


def token_issuer_of(connection: HTTPConnection) -> TokenIssuer:
    """Issues access tokens."""
    return cast("TokenIssuer", connection.state.token_issuer)
