"""Moving business time. The row lock puts two who move it at once in a line: neither takes the other's step back."""

import math
from datetime import datetime

from careline.business_time import TOPIC, BusinessClock, advance
from careline.database import WriteSession
from careline.outbox import Outbox
from careline.problems import Conflict, InvalidInput
from careline.statements import fetch
from directory.business_time.events import BusinessTimeAdvanced
from directory.business_time.schemas import LONGEST_ADVANCE_SECONDS, Advance

_LOCK = "SELECT offset_seconds FROM business_time FOR UPDATE"


class TimeNeverGoesBack(Conflict):
    """What was due has been done."""

    type_name = "business-time-never-goes-back"
    title = "Business time never goes back"


class TimeNotMovable(Conflict):
    """This installation is no demo."""

    type_name = "business-time-not-movable"
    title = "Business time cannot be moved here"


async def move(session: WriteSession, outbox: Outbox, clock: BusinessClock, wanted: Advance, *, now: datetime) -> int:
    """Move business time forward; the new offset in seconds. `now` is real."""
    [(before,)] = await fetch(session, _LOCK)
    after = before + wanted.seconds if wanted.seconds else _offset_to(wanted, now)
    if after <= before:
        raise TimeNeverGoesBack("Name a moment that is still to come.")
    if after - before > LONGEST_ADVANCE_SECONDS:
        raise InvalidInput("to", "too far", f"Move at most {LONGEST_ADVANCE_SECONDS} seconds at a time.")
    await advance(session, clock, after)
    event = BusinessTimeAdvanced(offset_seconds=after, advanced_by_seconds=after - before)
    # The offset only grows, so it numbers its own events.
    await outbox.append(session, event, aggregate_id=TOPIC, sequence=after, occurred_at=now)
    return after


def _offset_to(wanted: Advance, now: datetime) -> int:
    assert wanted.to is not None  # noqa: S101 -- the schema wants one of the two
    return math.ceil((wanted.to - now).total_seconds())
