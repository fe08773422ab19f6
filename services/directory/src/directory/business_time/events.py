"""What others hear of business time."""

from typing import ClassVar

from careline.business_time import ADVANCED, TOPIC
from careline.events import EventPayload


class BusinessTimeAdvanced(EventPayload):
    """Business time is this far ahead of real time from now on."""

    type: ClassVar[str] = ADVANCED
    aggregate_type: ClassVar[str] = TOPIC

    offset_seconds: int
    advanced_by_seconds: int
