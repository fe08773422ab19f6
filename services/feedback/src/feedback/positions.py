"""Where a page of things with a moment and an id begins."""

from datetime import UTC, datetime
from uuid import UUID

from careline.ids import decode, encode
from careline.pagination import decode_cursor, encode_cursor
from careline.problems import InvalidInput


def position_cursor(prefix: str, moment: datetime, id_: UUID) -> str:
    """The cursor of the last item of a page."""
    return encode_cursor(moment.isoformat(), encode(prefix, id_))


def position(prefix: str, cursor: str | None) -> tuple[datetime, UUID] | None:
    """What a cursor names; InvalidInput if it is not one of this list."""
    if cursor is None:
        return None
    moment, id_ = decode_cursor(cursor, parts=2)
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), decode(prefix, id_)
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(
            "cursor", "not a cursor of this list", "Take `next` of the page before, unchanged."
        ) from None
