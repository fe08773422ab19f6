"""Asks the profile who somebody is. The profile may be slow or away: work is routed all the same."""

from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, Field, ValidationError

from careline.ids import encode
from interaction_router.events import Identity
from interaction_router.ids import CustomerId, IdentifierId

LIMIT_SECONDS = 0.25

_log = structlog.get_logger("router.customers")


@dataclass(frozen=True, slots=True)
class Identifier:
    """What names a customer, and whether it is proven to be theirs."""

    type: str
    value: str
    proven: bool


class KnownIdentifier(BaseModel):
    """What the profile calls an identifier that was asked about."""

    id: IdentifierId
    type: str


class Resolution(BaseModel):
    """The profile's answer."""

    customer_id: CustomerId | None
    name: str | None
    tier: str | None
    language: str | None
    match: Literal["verified", "claimed", "none"]
    created: bool = False
    identifiers: list[KnownIdentifier] = Field(default_factory=list)

    def id_of(self, identifier_type: str) -> UUID | None:
        """The profile's id of the identifier that was asked about; each question names one of a type."""
        found = [each.id for each in self.identifiers if each.type == identifier_type]
        return found[0] if len(found) == 1 else None

    @property
    def known_language(self) -> str | None:
        """The customer's language; what the profile assumed for somebody new is no knowledge."""
        return None if self.created else self.language

    @property
    def identity(self) -> Identity:
        """How sure we are."""
        if self.customer_id is None:
            return "unknown"
        return "verified" if self.match == "verified" else "claimed"


class ProfileClient(Protocol):
    """What is needed to ask the profile; `ServiceClient` is one."""

    async def request(
        self, method: str, path: str, *, json: object = None, timeout_seconds: float | None = None
    ) -> httpx.Response:
        """Send one request."""

    async def close(self) -> None:
        """Close the connections."""


class Customers:
    """The profile as the router sees it."""

    def __init__(self, client: ProfileClient | None) -> None:
        """Without a client (no identity of our own is configured) every history is late."""
        self._client = client

    async def resolve(
        self,
        identifiers: list[Identifier],
        *,
        display_name: str = "",
        visitor_id: UUID | None = None,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> Resolution | None:
        """Who it is, or None if the profile does not answer in time."""
        if self._client is None:
            return None
        body: dict[str, object] = {
            "identifiers": [{"type": each.type, "value": each.value, "proven": each.proven} for each in identifiers]
        }
        if display_name:
            body["display_name"] = display_name
        if visitor_id is not None:
            body["visitor_id"] = encode("vis", visitor_id)
        try:
            answer = await self._client.request("POST", "/v1/resolutions", json=body, timeout_seconds=limit_seconds)
            answer.raise_for_status()
            return Resolution.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as fault:
            _log.warning("profile.no_answer", reason=type(fault).__name__)
            return None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
