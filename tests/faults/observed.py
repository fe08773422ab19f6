"""What the databases hold at the end, as plain data that a test can fake."""

from dataclasses import dataclass, field

from tests.faults.history import Kind


@dataclass(frozen=True, slots=True)
class Stored:
    """One row that a write left behind."""

    kind: Kind
    name: str
    id: str
    content: str = ""


@dataclass(frozen=True, slots=True)
class Emitted:
    """One event that a service has committed and its relay has sent."""

    service: str
    event_id: str
    type: str
    aggregate: str
    """Type and id of what it is about: the key whose order counts."""
    sequence: int
    subject: str = ""
    """The id of the row that it tells of."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One event as the witness has counted it; effects are in the order in which they happened."""

    event_id: str
    type: str
    aggregate: str
    sequence: int


@dataclass
class Observed:
    """Everything that the checker looks at."""

    stored: list[Stored] = field(default_factory=list)
    emitted: list[Emitted] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    timeline: list[tuple[str, str]] = field(default_factory=list)
    """Interaction id and the state that the customer's timeline shows, one for each entry."""
    interactions: dict[str, str] = field(default_factory=dict)
    """The router's own state of each interaction."""
    people_at_the_router: set[str] = field(default_factory=set)
    unsent: dict[str, int] = field(default_factory=dict)
    """Rows in the outbox of each service."""
    parked: dict[str, int] = field(default_factory=dict)
