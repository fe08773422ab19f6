"""The events that the care scheduler emits."""

from careline.events import EventCatalogue

CATALOGUE = EventCatalogue("care", [])
