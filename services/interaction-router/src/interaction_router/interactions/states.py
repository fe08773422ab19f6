"""The life of an interaction: one table of transitions, each with the causes it may have.

The database refuses what is not in this table (`check_interaction_transition` in the migrations),
and the picture in the documents is drawn from it.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an interaction is."""

    QUEUED = "queued"
    OFFERED = "offered"
    ACTIVE = "active"
    HELD = "held"
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    ABANDONED = "abandoned"


class Cause(StrEnum):
    """Why a transition happened."""

    ROUTED = "routed"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TIMED_OUT = "timed_out"
    PRESENCE_LOST = "presence_lost"
    AGENT_DEACTIVATED = "agent_deactivated"
    PUT_ON_HOLD = "put_on_hold"
    TAKEN_OFF_HOLD = "taken_off_hold"
    AGENT_FINISHED = "agent_finished"
    CUSTOMER_ENDED = "customer_ended"
    RESUMED = "resumed"
    CUSTOMER_WROTE = "customer_wrote"
    DISPOSED = "disposed"


TRANSITIONS: dict[tuple[State, State], frozenset[Cause]] = {
    (State.QUEUED, State.OFFERED): frozenset({Cause.ROUTED}),
    (State.OFFERED, State.ACTIVE): frozenset({Cause.ACCEPTED}),
    (State.OFFERED, State.QUEUED): frozenset(
        {Cause.DECLINED, Cause.TIMED_OUT, Cause.PRESENCE_LOST, Cause.AGENT_DEACTIVATED}
    ),
    (State.ACTIVE, State.QUEUED): frozenset({Cause.PRESENCE_LOST, Cause.AGENT_DEACTIVATED}),
    (State.ACTIVE, State.WRAP_UP): frozenset({Cause.AGENT_FINISHED, Cause.CUSTOMER_ENDED}),
    (State.ACTIVE, State.CLOSED): frozenset({Cause.DISPOSED}),
    (State.ACTIVE, State.HELD): frozenset({Cause.PUT_ON_HOLD}),
    (State.HELD, State.ACTIVE): frozenset({Cause.TAKEN_OFF_HOLD}),
    (State.HELD, State.QUEUED): frozenset({Cause.PRESENCE_LOST, Cause.AGENT_DEACTIVATED}),
    (State.HELD, State.WRAP_UP): frozenset({Cause.AGENT_FINISHED, Cause.CUSTOMER_ENDED}),
    (State.HELD, State.CLOSED): frozenset({Cause.DISPOSED}),
    (State.WRAP_UP, State.ACTIVE): frozenset({Cause.RESUMED, Cause.CUSTOMER_WROTE}),
    # The customer writes again while the agent who finished is gone, or she has left for good.
    (State.WRAP_UP, State.QUEUED): frozenset({Cause.CUSTOMER_WROTE, Cause.AGENT_DEACTIVATED}),
    (State.WRAP_UP, State.CLOSED): frozenset({Cause.DISPOSED}),
    (State.QUEUED, State.ABANDONED): frozenset({Cause.CUSTOMER_ENDED}),
    (State.OFFERED, State.ABANDONED): frozenset({Cause.CUSTOMER_ENDED}),
}

OPEN_STATES = frozenset({State.QUEUED, State.OFFERED, State.ACTIVE, State.HELD, State.WRAP_UP})
# In an agent's hands.
HELD_BY_AGENT = frozenset({State.ACTIVE, State.HELD, State.WRAP_UP})
# The conversation is not over.
ENGAGED = frozenset({State.ACTIVE, State.HELD})


class IllegalTransitionError(ValueError):
    """A transition that is not in the table."""

    def __init__(self, before: State, after: State, cause: Cause) -> None:
        """Name what was asked."""
        super().__init__(f"{before} → {after} because {cause} is not a transition")


def check_transition(before: State, after: State, cause: Cause) -> None:
    """Refuse what the table does not hold."""
    if cause not in TRANSITIONS.get((before, after), frozenset()):
        raise IllegalTransitionError(before, after, cause)


def as_mermaid() -> str:
    """Draw the table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> queued: received"]
    for (before, after), causes in TRANSITIONS.items():
        lines.append(f"    {before} --> {after}: {', '.join(sorted(causes))}")
    finals = sorted(set(State) - {before for before, _ in TRANSITIONS})
    lines.extend(f"    {state} --> [*]" for state in finals)
    return "\n".join(lines) + "\n"
