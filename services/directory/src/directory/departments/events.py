"""What happens to departments, as others hear of it: ids and keys, no names."""

from typing import ClassVar

from careline.events import EventPayload
from directory.people.schemas import DepartmentId, PersonId


class _OfDepartment(EventPayload):
    aggregate_type: ClassVar[str] = "department"

    department_id: DepartmentId
    key: str
    head_id: PersonId | None


class DepartmentRegistered(_OfDepartment):
    """There is one more department."""

    type: ClassVar[str] = "department.registered"


class DepartmentChanged(_OfDepartment):
    """A department has another key, name or head."""

    type: ClassVar[str] = "department.changed"
