"""What the profile knows of a complainant. It may be away: a complaint is recorded all the same."""

from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError
from starlette.requests import HTTPConnection

from feedback.ids import CustomerId
from feedback.sampling import customers
from feedback.sampling.customers import NoSuchCustomerError, ProfileClient

_log: Final = structlog.get_logger("feedback.complaints")


@dataclass(frozen=True, slots=True)
class Complainant:
    """A customer whom the contact names."""

    id: UUID
    tier: str


class _Customer(BaseModel):
    id: CustomerId
    tier: str


class _Found(BaseModel):
    items: list[_Customer]


async def tier_of(http: HTTPConnection, customer_id: UUID | None) -> str | None:
    """The customer's tier, which decides what was promised; None if nobody knows it now."""
    if customer_id is None:
        return None
    try:
        known = await customers.read(_profile(http), customer_id)
    except NoSuchCustomerError:
        return None
    return known.tier if known else None


async def customer_behind(http: HTTPConnection, contact: str) -> Complainant | None:
    """The one customer who has this address or number; None if nobody, several, or the profile is away.

    What is then sent goes to the addresses that the profile has, so a false claim tells the claimant nothing.
    """
    try:
        answer = await _profile(http).request("GET", f"/v1/lookup?identifier={quote(contact, safe='')}")
        answer.raise_for_status()
        found = _Found.model_validate_json(answer.content).items
    except (httpx.HTTPError, ValidationError) as fault:
        _log.warning("profile.no_answer", reason=type(fault).__name__)
        return None
    return Complainant(found[0].id, found[0].tier) if len(found) == 1 else None


def _profile(http: HTTPConnection) -> ProfileClient:
    return cast("ProfileClient", http.state.profile)
