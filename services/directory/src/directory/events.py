"""The events that the directory emits."""

from careline.events import EventCatalogue
from directory.people.events import PersonDeactivated, PersonRegistered, PersonRolesChanged

CATALOGUE = EventCatalogue("directory", [PersonRegistered, PersonRolesChanged, PersonDeactivated])
