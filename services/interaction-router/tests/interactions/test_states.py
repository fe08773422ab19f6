import pytest

from interaction_router.interactions.states import (
    OPEN_STATES,
    TRANSITIONS,
    Cause,
    IllegalTransitionError,
    State,
    as_mermaid,
    check_transition,
)


def test_each_row_of_the_table_is_allowed() -> None:
    for (before, after), causes in TRANSITIONS.items():
        for cause in causes:
            check_transition(before, after, cause)


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (State.CLOSED, State.ACTIVE, Cause.RESUMED),
        (State.QUEUED, State.ACTIVE, Cause.ACCEPTED),
        (State.OFFERED, State.ACTIVE, Cause.ROUTED),
    ],
)
def test_what_is_not_in_the_table_is_refused(before: State, after: State, cause: Cause) -> None:
    with pytest.raises(IllegalTransitionError, match=f"{before} → {after}"):
        check_transition(before, after, cause)


def test_every_open_state_leads_to_an_end() -> None:
    ending = {State.CLOSED, State.ABANDONED}
    for _ in State:
        ending |= {before for before, after in TRANSITIONS if after in ending}
    assert ending >= OPEN_STATES


def test_the_picture_holds_every_state_and_cause() -> None:
    picture = as_mermaid()
    assert all(state in picture for state in State)
    assert all(cause in picture for cause in Cause)
