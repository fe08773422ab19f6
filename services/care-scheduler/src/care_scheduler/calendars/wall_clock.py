"""Wall clocks: a local date and time in a zone as the moment to act.

The rule is that of PEP 495 with fold=0 and of RFC 5545: a time that the clock skips comes later by what it skips, a
time that the clock shows twice counts the first time. A day that a zone never had (Apia, 2011-12-30) falls on the next.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=2048)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that IANA name, or None if there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def moment(zone: ZoneInfo, on: date, at: time) -> datetime:
    """The UTC moment at which the wall clock of `zone` shows, or would show, `at` on the day `on`."""
    return datetime.combine(on, at, tzinfo=zone).astimezone(UTC)
