"""Keyset pages: `{items, next}`. The cursor names the last row seen, so a page costs the same however deep it is."""

import base64
import binascii
import json
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from careline.problems import InvalidInput

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=100, description="How many items at the most.")]


class Page(BaseModel, Generic[Item]):
    """Some items and where the next ones begin."""

    items: list[Item]
    next: str | None


def encode_cursor(*key: Any) -> str:
    """An opaque text for the sort key of the last item."""
    return base64.urlsafe_b64encode(json.dumps(key, default=str, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(text: str, *, parts: int) -> list[Any]:
    """The sort key in a cursor; InvalidInput if it is not one of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or len(key) != parts:
        raise InvalidInput("cursor", "not a cursor of this list", "Take `next` of the page before, unchanged.")
    return key
