"""Programs that ask for tokens: the other services, known by setting, and partners' clients, known by the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Literal

from careline.database import ReadSession
from directory.clients import service as clients
from directory.tokens.errors import OAuthError
from directory.tokens.forms import ClientCredentials
from directory.tokens.service_clients import ServiceIdentity


@dataclass(frozen=True)
class Caller:
    """A program that has proven itself."""

    client_id: str
    kind: Literal["service", "client"]
    name: str
    scopes: frozenset[str]


async def authenticate(
    session: ReadSession, services: Mapping[str, ServiceIdentity], credentials: ClientCredentials
) -> Caller:
    """The program with these credentials; OAuthError if there is none, whatever was wrong."""
    service = services.get(credentials.client_id)
    if service is not None:
        if compare_digest(service.secret_hash, clients.hash_secret(credentials.secret)):
            return Caller(service.client_id, "service", service.client_id, service.scopes)
    else:
        partner = await clients.find_by_secret(session, credentials.client_id, credentials.secret)
        if partner is not None:
            return Caller(credentials.client_id, "client", partner.name, frozenset(partner.scopes))
    raise OAuthError("invalid_client", "There is no client with this id and secret.")
