"""The events that the feedback service emits."""

from careline.events import EventCatalogue
from feedback.invitations.events import EVENTS as INVITATION_EVENTS

CATALOGUE = EventCatalogue("feedback", [*INVITATION_EVENTS])
