"""What happens to business calendars, as others hear of it; each version is told whole, so that they can keep it."""

from datetime import date
from typing import ClassVar

from careline.events import EventPayload
from directory.calendars.schemas import OpeningHours


class CalendarChanged(EventPayload):
    """There is a new version of a business calendar; the older ones stay what they were."""

    type: ClassVar[str] = "calendar.changed"
    aggregate_type: ClassVar[str] = "calendar"

    key: str
    version: int
    time_zone: str
    weekly: list[OpeningHours]
    closed_on: list[date]
    open_on: list[date]
    known_through: date | None
