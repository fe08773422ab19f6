"""What happens to people, as others hear of it: ids and roles, no names."""

from typing import ClassVar

from careline.events import EventPayload
from directory.people.roles import Role
from directory.people.schemas import DepartmentId, LeavingId, PersonId


class PersonRegistered(EventPayload):
    """Somebody works here from now on."""

    type: ClassVar[str] = "person.registered"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
    roles: list[Role]
    department_id: DepartmentId | None


class PersonRolesChanged(EventPayload):
    """Somebody may do other things than before."""

    type: ClassVar[str] = "person.roles_changed"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
    roles: list[Role]
    department_id: DepartmentId | None


class PersonDepartmentChanged(EventPayload):
    """Somebody works in another department, or in none."""

    type: ClassVar[str] = "person.department_changed"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
    department_id: DepartmentId | None


class PersonLeaving(EventPayload):
    """Somebody signs in no more; every service passes what is theirs on to the successor and acknowledges it."""

    type: ClassVar[str] = "person.leaving"
    aggregate_type: ClassVar[str] = "person"

    leaving_id: LeavingId
    person_id: PersonId
    successor_id: PersonId


class PersonDeactivated(EventPayload):
    """Somebody has left: they are signed in nowhere, and nothing is theirs any more."""

    type: ClassVar[str] = "person.deactivated"
    aggregate_type: ClassVar[str] = "person"

    person_id: PersonId
