"""What happens to people, as others hear of it: ids and roles, no names."""

from typing import ClassVar

from careline.events import EventPayload
from directory.people.roles import Role
from directory.people.schemas import PersonId


class PersonRegistered(EventPayload):
    """Somebody works here from now on."""

    type: ClassVar[str] = "person.registered"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
    roles: list[Role]


class PersonRolesChanged(EventPayload):
    """Somebody may do other things than before."""

    type: ClassVar[str] = "person.roles_changed"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
    roles: list[Role]


class PersonDeactivated(EventPayload):
    """Somebody does not work here any more; their sessions are over."""

    type: ClassVar[str] = "person.deactivated"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
