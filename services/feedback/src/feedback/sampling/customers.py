"""What the profile says of a customer: the tier, which is half of the stratum, and the language."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from careline.ids import encode

_log = structlog.get_logger("feedback.customers")


class ProfileClient(Protocol):
    """What is needed to ask the profile; `ServiceClient` is one."""

    async def request(self, method: str, path: str, *, json: object = None) -> httpx.Response:
        """Send one request."""


class _Answer(BaseModel):
    tier: str
    language: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a customer."""

    tier: str
    language: str


class NoSuchCustomerError(Exception):
    """The profile does not know the customer."""


async def read(profile: ProfileClient, customer_id: UUID) -> Known | None:
    """Tier and language; None if the profile does not answer; NoSuchCustomerError if it knows nobody."""
    try:
        answer = await profile.request("GET", f"/v1/customers/{encode('cus', customer_id)}")
        if answer.status_code == HTTPStatus.NOT_FOUND:
            raise NoSuchCustomerError
        answer.raise_for_status()
        known = _Answer.model_validate_json(answer.content)
    except (httpx.HTTPError, ValidationError) as fault:
        _log.warning("profile.no_answer", reason=type(fault).__name__)
        return None
    return Known(known.tier, known.language)
