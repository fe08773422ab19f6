"""What the gates look at and what they say. All of it is handed in: no clock, no database, no network here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, Final, Literal
from uuid import UUID

from careline.ids import encode

Purpose = Literal["marketing", "survey", "service"]
Means = Literal["mail", "phone_task", "card"]
Channel = Literal["mail", "phone", "letter"]
Gate = Literal[
    "expiry",
    "customer",
    "matrix",
    "channel",
    "address",
    "consent",
    "suppression",
    "complaint",
    "quiet_hours",
    "cap",
    "content",
]
Says = Literal["pass", "hold", "no"]
Outcome = Literal["send", "hold", "no", "expired"]

CHANNEL_OF: Final[dict[Means, Channel]] = {"mail": "mail", "phone_task": "phone", "card": "letter"}
MEANS_OF: Final[dict[Channel, Means]] = {channel: means for means, channel in CHANNEL_OF.items()}
REGULAR: Final = "regular"


@dataclass(frozen=True, slots=True)
class Item:
    """A care item, as far as it is judged."""

    id: UUID
    customer_id: UUID
    occasion: str
    occasion_key: str
    purpose: Purpose
    reference: str | None
    due_at: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What the profile knows of the customer at this moment."""

    customer_id: UUID
    name: str
    salutation: str | None
    language: str
    tier: str
    # Always a zone that exists; `time_zone_known` is false when the company's stands in.
    time_zone: str
    time_zone_known: bool
    quiet_from: time
    quiet_to: time
    preferred_channel: Literal["mail", "phone", "letter", "none"] | None
    mail: str | None
    phone: str | None
    postal_address: Mapping[str, Any] | None
    # (purpose, channel) → granted or withdrawn; what is not there was never said.
    consents: Mapping[tuple[str, str], str]
    # Product → its name and the last day of its warranty.
    warranties: Mapping[str, tuple[str, date]] = field(default_factory=dict)

    def reach(self, means: Means) -> bool:
        """Whether the customer can be reached by these means at all."""
        return {"mail": self.mail, "phone_task": self.phone, "card": self.postal_address}[means] is not None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the care matrix: how a tier is cared for on an occasion."""

    tier: str
    occasion: str
    version: int
    means: Literal["mail", "phone_task", "card", "none"]
    template_key: str | None
    # Between care that competes for the last place under a cap, the higher goes first.
    priority: int

    @property
    def name(self) -> str:
        """How events and explanations call it."""
        return f"{self.tier}/{self.occasion}@v{self.version}"


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many unasked contacts within so many days of 24 hours, over all care."""

    days: int
    at_most: int

    @property
    def name(self) -> str:
        """How explanations call it."""
        return f"{self.at_most} in {self.days} days"


@dataclass(frozen=True, slots=True)
class History:
    """What happened between this customer and us, as far as a rule asks for it."""

    # (purpose, channel) that the customer has unsubscribed from.
    suppressed: frozenset[tuple[str, str]] = frozenset()
    # Complaints that are not closed.
    complaints: frozenset[UUID] = frozenset()
    # When the customer was contacted under the cap.
    contacts: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one gate says and why; `facts` hold ids, times and words of rules, nothing personal."""

    gate: Gate
    says: Says
    reason: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {"gate": self.gate, "verdict": self.says, "reason": self.reason, "facts": dict(self.facts)}


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts in their order; the first that does not pass decides."""

    verdicts: tuple[Verdict, ...]
    means: Means | None
    # For "hold": when to look again.
    until: datetime | None = None

    @property
    def deciding(self) -> Verdict | None:
        """The first verdict that is no pass; None if all pass."""
        refused = next((each for each in self.verdicts if each.says == "no"), None)
        return refused or next((each for each in self.verdicts if each.says == "hold"), None)

    @property
    def outcome(self) -> Outcome:
        """What is to be done: any no refuses, otherwise a hold waits."""
        deciding = self.deciding
        if deciding is None:
            return "send"
        if deciding.says == "hold":
            return "hold"
        return "expired" if deciding.gate == "expiry" else "no"

    def then(self, verdict: Verdict) -> "Judgement":
        """The judgement with one more verdict at its end."""
        return Judgement((*self.verdicts, verdict), self.means, self.until)


def care_name(care_id: UUID) -> str:
    """The id of a care item as explanations show it."""
    return encode("car", care_id)
