"""Care is given in the daytime, so the company of a fault test lies where it is early afternoon."""

from datetime import UTC, datetime, timedelta
from typing import Final

AFTERNOON_HOUR: Final = 13
FARTHEST_EAST: Final = 14


def afternoon_zone() -> str:
    """A time zone in which it is early afternoon now."""
    east = (AFTERNOON_HOUR - datetime.now(UTC).hour) % 24
    east = east if east <= FARTHEST_EAST else east - 24
    # The names of these zones count westwards.
    return f"Etc/GMT{-east:+d}"


def today(zone: str) -> tuple[int, int]:
    """Month and day in one of these zones."""
    day = datetime.now(UTC) - timedelta(hours=int(zone.removeprefix("Etc/GMT")))
    return day.month, day.day
