"""The one event of the sample service."""

from typing import ClassVar

from pydantic import Field

from careline.events import EventCatalogue, EventPayload


class ThingMade(EventPayload):
    """A thing was made."""

    type: ClassVar[str] = "thing.made"
    aggregate_type: ClassVar[str] = "thing"

    number: int = Field(ge=0)


CATALOGUE = EventCatalogue("things", [ThingMade])
