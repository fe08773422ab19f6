"""Quiet hours on the wall clock of the customer's own zone."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(now: datetime, zone: str, begins: time, ends: time) -> datetime | None:
    """When the quiet hours that `now` lies in are over, in UTC; None if it lies in none.

    An end that the clock jumps over in spring comes by as much later, one that comes twice in autumn counts the first
    time (PEP 495 with fold=0, as RFC 5545 has it for gaps). So a night may be an hour longer or shorter than usual.
    """
    if begins == ends:
        return None
    place = ZoneInfo(zone)
    local = now.astimezone(place)
    clock = local.time().replace(tzinfo=None)
    over_midnight = begins > ends
    quiet = (clock >= begins or clock < ends) if over_midnight else begins <= clock < ends
    if not quiet:
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begins else 0)
    first = datetime.combine(day, ends, tzinfo=place).astimezone(UTC)
    if first > now:
        return first
    # The first of two equal ends is over: the clock has gone back into the quiet hours.
    return datetime.combine(day, ends, tzinfo=place).replace(fold=1).astimezone(UTC)
