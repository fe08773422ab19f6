"""Offers of hand-over as they come in."""

from feedback.ids import DepartmentId, PersonId
from feedback.inputs import Input, Text


class HandoverInput(Input):
    """To whom, and what they should know."""

    to_department: DepartmentId
    to_person: PersonId | None = None
    note: Text


class BounceInput(Input):
    """Why it is not for this department."""

    reason: Text
