"""The checker itself: green on a faultless run, red for each kind of fault."""

from dataclasses import replace

import pytest

from tests.faults.checker import check
from tests.faults.history import History
from tests.faults.observed import Effect, Emitted, Observed, Sampled, Stored


@pytest.fixture
def history() -> History:
    history = History("run")
    history.end(history.begin("purchase", "run-p1", "100"), "ok", answer="pur_1")
    history.end(history.begin("purchase", "run-p2", "200"), "unknown")
    history.end(history.begin("purchase", "run-p3", "300"), "refused")
    history.end(history.begin("interaction", "run-i1"), "ok", answer="int_1")
    history.end(history.begin("closure", "int_1"), "ok", answer="int_1")
    history.end(history.begin("person", "run-a1"), "ok", answer="per_1")
    return history


@pytest.fixture
def observed() -> Observed:
    emitted = [
        Emitted("profile", "e1", "customer.purchase_recorded", "customer cus_1", 1, "pur_1"),
        Emitted("router", "e2", "interaction.opened", "interaction int_1", 1, "int_1"),
        Emitted("router", "e3", "interaction.closed", "interaction int_1", 2, "int_1", customer="cus_1"),
        Emitted("directory", "e4", "person.registered", "person per_1", 1, "per_1"),
    ]
    return Observed(
        stored=[
            Stored("purchase", "run-p1", "pur_1", "100"),
            Stored("interaction", "run-i1", "int_1"),
            Stored("closure", "int_1", "int_1"),
            Stored("person", "run-a1", "per_1"),
        ],
        emitted=emitted,
        effects=[Effect(event.event_id, event.type, event.aggregate, event.sequence) for event in emitted],
        timeline=[("int_1", "closed")],
        interactions={"int_1": "closed"},
        people_at_the_router={"per_1"},
        unsent={"profile": 0},
        parked={"profile": 0},
        samples=[Sampled("int_1", "not_drawn", 0)],
    )


def rules(history: History, observed: Observed) -> set[str]:
    return {violation.rule for violation in check(history, observed)}


def test_a_faultless_run_is_green(history: History, observed: Observed) -> None:
    assert check(history, observed) == []


def test_an_unknown_outcome_may_be_there_once(history: History, observed: Observed) -> None:
    observed.stored.append(Stored("purchase", "run-p2", "pur_2", "200"))
    observed.emitted.append(Emitted("profile", "e5", "customer.purchase_recorded", "customer cus_1", 2, "pur_2"))
    observed.effects.append(Effect("e5", "customer.purchase_recorded", "customer cus_1", 2))
    assert check(history, observed) == []


def test_an_acknowledged_write_that_is_gone_is_red(history: History, observed: Observed) -> None:
    del observed.stored[0]
    assert "lost" in rules(history, observed)


@pytest.mark.parametrize("row", [0, 1, 2, 3])
def test_a_write_that_is_there_twice_is_red(history: History, observed: Observed, row: int) -> None:
    observed.stored.append(replace(observed.stored[row], id="other"))
    assert "doubled" in rules(history, observed)


def test_a_write_that_differs_from_its_answer_is_red(history: History, observed: Observed) -> None:
    observed.stored[0] = replace(observed.stored[0], id="pur_9")
    assert "differs" in rules(history, observed)


def test_a_write_that_differs_from_the_request_is_red(history: History, observed: Observed) -> None:
    observed.stored[0] = replace(observed.stored[0], content="101")
    assert "differs" in rules(history, observed)


@pytest.mark.parametrize("name", ["run-p3", "run-p4"])
def test_a_write_that_was_refused_or_never_asked_for_is_red(history: History, observed: Observed, name: str) -> None:
    observed.stored.append(Stored("purchase", name, "pur_3", "300"))
    assert "phantom" in rules(history, observed)


def test_what_an_earlier_run_left_open_may_be_closed_in_this_one(history: History, observed: Observed) -> None:
    history.end(history.begin("closure", "int_0"), "ok", answer="int_0")
    assert rules(history, observed) == {"lost"}
    observed.earlier.add("int_0")
    assert rules(history, observed) == set()


def test_a_client_that_waits_for_ever_is_red(history: History, observed: Observed) -> None:
    history.begin("purchase", "run-p5")
    assert rules(history, observed) == {"unended"}


@pytest.mark.parametrize("event", range(4))
def test_a_write_without_its_event_is_red(history: History, observed: Observed, event: int) -> None:
    gone = observed.emitted.pop(event)
    observed.effects = [effect for effect in observed.effects if effect.event_id != gone.event_id]
    assert rules(history, observed) == {"event"}


def test_an_event_without_its_effect_is_red(history: History, observed: Observed) -> None:
    del observed.effects[1]
    assert rules(history, observed) == {"effect lost"}


def test_an_effect_that_happens_twice_is_red(history: History, observed: Observed) -> None:
    observed.effects.insert(1, observed.effects[0])
    assert rules(history, observed) == {"effect doubled"}


def test_an_effect_of_an_event_that_was_rolled_back_is_red(history: History, observed: Observed) -> None:
    observed.effects.append(Effect("e9", "customer.purchase_recorded", "customer cus_1", 2))
    assert rules(history, observed) == {"effect phantom"}


def test_effects_out_of_order_are_red(history: History, observed: Observed) -> None:
    observed.effects[1:3] = reversed(observed.effects[1:3])
    assert rules(history, observed) == {"order"}


def test_a_timeline_that_misses_or_repeats_an_interaction_is_red(history: History, observed: Observed) -> None:
    observed.timeline = []
    assert rules(history, observed) == {"timeline"}
    observed.timeline = [("int_1", "closed"), ("int_1", "closed")]
    assert rules(history, observed) == {"timeline"}
    observed.timeline = [("int_1", "opened")]
    assert rules(history, observed) == {"timeline"}


def test_a_colleague_whom_the_router_does_not_know_is_red(history: History, observed: Observed) -> None:
    observed.people_at_the_router.clear()
    assert rules(history, observed) == {"projection"}


def test_what_is_left_undelivered_is_red(history: History, observed: Observed) -> None:
    observed.unsent["profile"] = 1
    observed.parked["router"] = 1
    observed.interactions["int_1"] = "queued"
    assert {"unsent", "parked", "unfinished"} <= rules(history, observed)
