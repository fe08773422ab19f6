"""Cursors of lists that are ordered by id alone."""

from uuid import UUID

from careline.pagination import decode_cursor
from careline.problems import InvalidInput


def id_in(cursor: str) -> UUID:
    """The id of the last item seen; InvalidInput if the cursor is not one of ours."""
    (value,) = decode_cursor(cursor, parts=1)
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput(
            "cursor", "not a cursor of this list", "Take `next` of the page before, unchanged."
        ) from None
