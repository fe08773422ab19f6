"""The events that the feedback service emits."""

from careline.events import EventCatalogue

CATALOGUE = EventCatalogue("feedback", [])
