"""The events that the directory emits."""

from careline.events import EventCatalogue
from directory.business_time.events import BusinessTimeAdvanced
from directory.calendars.events import CalendarChanged
from directory.departments.events import DepartmentChanged, DepartmentRegistered
from directory.people.events import (
    PersonDeactivated,
    PersonDepartmentChanged,
    PersonLeaving,
    PersonRegistered,
    PersonRolesChanged,
)

CATALOGUE = EventCatalogue(
    "directory",
    [
        PersonRegistered,
        PersonRolesChanged,
        PersonDepartmentChanged,
        PersonLeaving,
        PersonDeactivated,
        DepartmentRegistered,
        DepartmentChanged,
        CalendarChanged,
        BusinessTimeAdvanced,
    ],
)
