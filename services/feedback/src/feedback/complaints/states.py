"""The life of a complaint: one table of transitions; the migration holds the same for the database."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a complaint is."""

    OPEN = "open"
    ANSWERED = "answered"
    REOPENED = "reopened"
    CLOSED = "closed"


TRANSITIONS: Final = frozenset(
    {
        (State.OPEN, State.ANSWERED),
        (State.ANSWERED, State.CLOSED),
        (State.ANSWERED, State.REOPENED),
        (State.REOPENED, State.ANSWERED),
        (State.CLOSED, State.REOPENED),
    }
)
# The company owes the customer something: an acknowledgement, an answer.
OWING: Final = frozenset({State.OPEN, State.REOPENED})


class Kind(StrEnum):
    """What a complaint is about."""

    PRODUCT = "product"
    SERVICE = "service"
    DELIVERY = "delivery"
    BILLING = "billing"
    STAFF = "staff"
    OTHER = "other"


class Severity(StrEnum):
    """How bad it is for the customer."""

    MINOR = "minor"
    MAJOR = "major"


class Source(StrEnum):
    """By which door it came."""

    AGENT = "agent"
    WEB = "web"
    PARTNER = "partner"
    LOW_SCORE = "low_score"


class Cause(StrEnum):
    """Why it came to this: what reports on recurring causes count."""

    NEED_MISUNDERSTOOD = "need_misunderstood"
    INFORMATION_MISSING = "information_missing"
    COMMUNICATION = "communication"
    STAFFING = "staffing"
    INSTRUCTION_NOT_FOLLOWED = "instruction_not_followed"
    PROCEDURE_MISSING = "procedure_missing"
    TECHNICAL_FAILURE = "technical_failure"
    PRODUCT_DEFECT = "product_defect"
    DAMAGED_IN_TRANSIT = "damaged_in_transit"
    SUPPLIER = "supplier"
    UNFOUNDED = "unfounded"
    OTHER = "other"


class Decision(StrEnum):
    """Whether the complaint is right."""

    UPHELD = "upheld"
    PARTLY = "partly"
    REJECTED = "rejected"


class Word(StrEnum):
    """What the customer says of the answer."""

    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    NO_ANSWER_AFTER_ATTEMPTS = "no_answer_after_attempts"


class Deadline(StrEnum):
    """What is due: the customer's three, and the answer to an offer of hand-over between ourselves."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    WORD = "word"
    HANDOVER = "handover"


def as_mermaid() -> str:
    """Draw the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> open: recorded"]
    lines += [f"    {before} --> {after}" for before, after in sorted(TRANSITIONS)]
    return "\n".join([*lines, "    closed --> [*]"]) + "\n"
