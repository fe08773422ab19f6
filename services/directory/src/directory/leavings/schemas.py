"""What leaving looks like outside."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from directory.people.schemas import LeavingId, PersonId

AcknowledgingService = Literal["profile", "router", "feedback"]
# Each of these passes on what it holds of a leaver; the database counts them too.
ACKNOWLEDGING: Final = ("profile", "router", "feedback")
Note = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$"
    ),
]


class LeavingInput(BaseModel):
    """Who takes over what the person leaves behind, and what the successor should know."""

    model_config = ConfigDict(extra="forbid")

    successor_id: PersonId
    note: Note | None = None


class Acknowledgement(BaseModel):
    """What a service has passed on, by kind; zero of everything is an acknowledgement too."""

    model_config = ConfigDict(from_attributes=True)

    service: AcknowledgingService
    moved: dict[str, int]
    acknowledged_at: datetime


class Leaving(BaseModel):
    """How far somebody's leaving has come; they have left when all services have acknowledged."""

    model_config = ConfigDict(from_attributes=True)

    id: LeavingId
    person_id: PersonId
    successor_id: PersonId
    note: str | None
    state: Literal["leaving", "left"]
    acknowledgements: list[Acknowledgement]
    began_at: datetime
    left_at: datetime | None
