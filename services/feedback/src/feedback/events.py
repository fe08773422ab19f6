"""The events that the feedback service emits."""

from careline.events import EventCatalogue
from feedback.complaints.events import EVENTS as COMPLAINT_EVENTS
from feedback.invitations.events import EVENTS as INVITATION_EVENTS

CATALOGUE = EventCatalogue("feedback", [*INVITATION_EVENTS, *COMPLAINT_EVENTS])
