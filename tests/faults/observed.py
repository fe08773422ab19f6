"""What the databases hold at the end, as plain data that a test can fake."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.history import Kind

# What a delivery came to → what care makes of it.
OUTCOMES = {
    "sent": {"sent"},
    "unknown": {"unknown"},
    "failed": {"failed"},
    "bounced": {"failed"},
    "cancelled": {"cancelled", "expired"},
    "completed": {"done"},
}


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
    owner: str | None = None
    """The owner that it names."""
    customer: str | None = None
    """The customer that it names."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One event as the witness has counted it; effects are in the order in which they happened."""

    event_id: str
    type: str
    aggregate: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Sampled:
    """A closing, what feedback decided about it, and how many invitations came of it."""

    subject: str
    decision: str | None
    invitations: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the router made of care: `lost` counts the tries whose end nobody knows."""

    state: str
    lost: int = 0
    ended: bool = True


@dataclass(frozen=True, slots=True)
class Care:
    """One care item and all of its deliveries."""

    id: str
    occasion: str
    about: str
    """The complaint, invitation or customer that asked for it."""
    purpose: str
    state: str
    gate: str = ""
    deliveries: tuple[Delivery, ...] = ()

    @property
    def message_id(self) -> str:
        """What its mails are known by."""
        return f"<{self.id}@careline.example>"

    @property
    def agrees(self) -> bool:
        """Whether care has heard what became of its delivery."""
        return all(self.state in OUTCOMES.get(each.state, ()) for each in self.deliveries)


@dataclass(frozen=True, slots=True)
class Timer:
    """One alarm of a complaint, and how often the history tells of it."""

    kind: str
    level: int
    fired: bool
    cancelled: bool
    told: int

    @property
    def waits(self) -> bool:
        """Whether it is still to come."""
        return not self.fired and not self.cancelled


@dataclass(frozen=True, slots=True)
class Case:
    """One complaint."""

    id: str
    owner: str | None
    owner_works: bool
    has_deadline: bool
    whole: bool
    """Whether its history is a chain from the first entry to the present version."""
    notices: dict[str, int] = field(default_factory=dict)
    """Care id → how often the history tells what became of that notice."""
    timers: tuple[Timer, ...] = ()


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
    earlier: set[str] = field(default_factory=set)
    """Interactions of earlier runs that agents closed in this one."""
    people_at_the_router: set[str] = field(default_factory=set)
    unsent: dict[str, int] = field(default_factory=dict)
    """Rows in the outbox of each service."""
    parked: dict[str, int] = field(default_factory=dict)
    samples: list[Sampled] = field(default_factory=list)
    wanted: list[tuple[str, str]] = field(default_factory=list)
    """Occasion and id of whatever asks for one piece of care."""
    care: list[Care] = field(default_factory=list)
    mails: Counter[str] = field(default_factory=Counter)
    """How often each Message-ID is in the mailboxes."""
    cases: list[Case] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    """What a look during the faults found wrong about owners and deadlines."""
    looks: int = 1
    """How many looks there were."""
