"""Asks care for what is to be sent, at the last moment: care judges once more whether it may be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from careline.ids import encode
from interaction_router.customers.client import ProfileClient
from interaction_router.ids import CareId

MAX_ITEMS = 500
LIMIT_SECONDS = 10.0

_log = structlog.get_logger("router.deliveries")


class Recipient(BaseModel):
    """Whom it goes to: a mail address or a phone number with a name."""

    name: str
    address: str


class PostalAddress(BaseModel):
    """Where a card goes."""

    lines: list[str]
    postcode: str | None = None
    country: str | None = None


class Content(BaseModel):
    """One item of care's answer."""

    care_id: CareId
    verdict: Literal["send", "cancelled"]
    gate: str | None = None
    not_after: datetime
    language: str = "zh-CN"
    to: Recipient | None = None
    postal_address: PostalAddress | None = None
    subject: str | None = None
    text: str | None = None
    script: str | None = None
    unsubscribe_url: str | None = None
    message_id: str | None = None


class _Answer(BaseModel):
    items: list[Content]


class Contents:
    """Care as the router sees it."""

    def __init__(self, client: ProfileClient | None) -> None:
        """`client` asks care in the router's own name; without one care is always away."""
        self._client = client

    @property
    def reachable(self) -> bool:
        """Whether there is a care to be asked at all."""
        return self._client is not None

    async def of(self, care_ids: Sequence[UUID]) -> dict[UUID, Content] | None:
        """The contents of at most 500 items; None if care does not answer. What care does not know is left out."""
        if self._client is None:
            return None
        body = {"care_ids": [encode("car", each) for each in care_ids]}
        try:
            answer = await self._client.request("POST", "/v1/contents", json=body, timeout_seconds=LIMIT_SECONDS)
            answer.raise_for_status()
            return {item.care_id: item for item in _Answer.model_validate_json(answer.content).items}
        except (httpx.HTTPError, ValidationError) as fault:
            _log.warning("contents.no_answer", reason=type(fault).__name__)
            return None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
