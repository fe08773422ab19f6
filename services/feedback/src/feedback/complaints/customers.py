"""What the profile knows of a complainant. It may be away: a complaint is recorded all the same."""

import re
from collections.abc import Sequence
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

# What people write who write a telephone number; whether it is one is the profile's to say.
_NUMBER: Final = re.compile(r"\+?[\d\s()./-]{5,30}")

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


class _Resolution(BaseModel):
    customer_id: CustomerId | None


class ProfileAwayError(Exception):
    """The profile does not answer; what it would have said may be asked for later."""


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
        found = await _looked_up(_profile(http), contact)
    except ProfileAwayError:
        return None
    return Complainant(found[0].id, found[0].tier) if len(found) == 1 else None


async def resolve(profile: ProfileClient, contact: str) -> UUID | None:
    """The customer behind a contact; whom nobody knows becomes a lead with a claimed address, as with a first mail.

    None if the contact names several customers, or nothing by which anybody could be known. ProfileAwayError if the
    profile does not say.
    """
    found = await _looked_up(profile, contact)
    if found:
        return found[0].id if len(found) == 1 else None
    kind = "email" if "@" in contact else "phone"
    if kind == "phone" and not _NUMBER.fullmatch(contact):
        return None
    body = {"identifiers": [{"type": kind, "value": contact, "proven": False}]}
    try:
        answer = await profile.request("POST", "/v1/resolutions", json=body)
        answer.raise_for_status()
        return _Resolution.model_validate_json(answer.content).customer_id
    except (httpx.HTTPError, ValidationError) as fault:
        raise _away(fault) from fault


async def _looked_up(profile: ProfileClient, contact: str) -> Sequence[_Customer]:
    try:
        answer = await profile.request("GET", f"/v1/lookup?identifier={quote(contact, safe='')}")
        answer.raise_for_status()
        return _Found.model_validate_json(answer.content).items
    except (httpx.HTTPError, ValidationError) as fault:
        raise _away(fault) from fault


def _away(fault: Exception) -> ProfileAwayError:
    _log.warning("profile.no_answer", reason=type(fault).__name__)
    return ProfileAwayError()


def _profile(http: HTTPConnection) -> ProfileClient:
    return cast("ProfileClient", http.state.profile)
