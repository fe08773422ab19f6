"""The checker of care, questions and complaints: green on a faultless run, red for each kind of fault."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.care_checker import check_care
from tests.faults.observed import Care, Case, Delivery, Emitted, Observed, Sampled, Timer

NOTICE = Care("car_1", "complaint_acknowledged", "cmp_1", "service", "sent", deliveries=(Delivery("sent"),))
GREETING = Care("car_2", "birthday", "cus_1", "marketing", "sent", deliveries=(Delivery("sent"),))
QUESTION = Care("car_3", "follow_up", "inv_1", "survey", "sent", deliveries=(Delivery("sent"),))
ALARM = Timer("resolve", 0, fired=True, cancelled=False, told=1)
CASE = Case("cmp_1", "per_1", owner_works=True, has_deadline=True, whole=True, notices={"car_1": 1}, timers=(ALARM,))


@pytest.fixture
def observed() -> Observed:
    items = [NOTICE, GREETING, QUESTION]
    due = [Emitted("care", f"d{each.id}", "care.due", f"care {each.id}", 1, each.id) for each in items]
    done = [Emitted("care", f"c{each.id}", "care.completed", f"care {each.id}", 2, each.id) for each in items]
    opened = Emitted("feedback", "o1", "complaint.opened", "complaint cmp_1", 1, "cmp_1", "per_1")
    closed = [
        Emitted("router", f"x{each}", "interaction.closed", f"interaction {each}", 2, each, customer="cus_2")
        for each in ("int_1", "int_2")
    ]
    return Observed(
        emitted=[*due, *done, opened, *closed],
        interactions={"int_1": "closed", "int_2": "closed", "int_3": "queued"},
        samples=[Sampled("int_1", "sampled", 1), Sampled("int_2", "not_drawn", 0)],
        wanted=[(each.occasion, each.about) for each in items],
        care=items,
        mails=Counter(each.message_id for each in items),
        cases=[CASE],
    )


def rules(observed: Observed) -> set[str]:
    return {violation.rule for violation in check_care(observed)}


def change(observed: Observed, before: Care, **fields: Any) -> Care:
    after = replace(before, **fields)
    observed.care[observed.care.index(before)] = after
    return after


def test_a_faultless_run_is_green(observed: Observed) -> None:
    assert list(check_care(observed)) == []


@pytest.mark.parametrize("item", [NOTICE, GREETING, QUESTION])
def test_care_that_was_never_planned_or_twice_is_red(observed: Observed, item: Care) -> None:
    observed.care.append(replace(item, id="car_9", deliveries=()))
    assert "care doubled" in rules(observed)
    observed.care = [each for each in observed.care if each.about != item.about]
    assert "care lost" in rules(observed)


@pytest.mark.parametrize("state", ["planned", "held", "due", "suppressed", "expired", "cancelled", "failed"])
def test_care_that_is_not_given_is_red(observed: Observed, state: str) -> None:
    change(observed, GREETING, state=state, deliveries=())
    assert {"care not given", "delivery lost"} <= rules(observed)


@pytest.mark.parametrize("times", [0, 2])
def test_care_that_is_not_said_to_be_due_exactly_once_is_red(observed: Observed, times: int) -> None:
    said = observed.emitted.pop(0)
    observed.emitted += [replace(said, event_id=f"e{number}") for number in range(times)]
    assert rules(observed) == {"care event"}


def test_two_deliveries_of_one_care_are_red(observed: Observed) -> None:
    change(observed, GREETING, deliveries=(Delivery("sent"), Delivery("sent")))
    assert rules(observed) == {"delivery doubled"}


def test_a_delivery_that_has_not_ended_is_red(observed: Observed) -> None:
    change(observed, NOTICE, state="unknown", deliveries=(Delivery("unknown", lost=1, ended=False),))
    assert rules(observed) == {"delivery unfinished"}


def test_care_that_does_not_hear_what_became_of_it_is_red(observed: Observed) -> None:
    change(observed, GREETING, state="due", deliveries=(Delivery("sent"),))
    assert "outcome" in rules(observed)


@pytest.mark.parametrize("item", [GREETING, QUESTION])
@pytest.mark.parametrize("lost", [0, 1])
def test_an_unasked_mail_that_arrives_twice_is_red_whatever_got_lost(observed: Observed, item: Care, lost: int) -> None:
    change(observed, item, state="unknown", deliveries=(Delivery("unknown", lost=lost),))
    observed.mails[item.message_id] = 2
    assert rules(observed) == {"mail doubled"}


def test_a_notice_may_arrive_once_more_after_a_lost_answer_only(observed: Observed) -> None:
    observed.mails[NOTICE.message_id] = 2
    assert rules(observed) == {"mail doubled"}
    change(observed, NOTICE, deliveries=(Delivery("sent", lost=1),))
    assert rules(observed) == set()
    observed.mails[NOTICE.message_id] = 3
    assert rules(observed) == {"mail doubled"}


@pytest.mark.parametrize("item", [NOTICE, GREETING, QUESTION])
def test_a_mail_that_never_arrives_is_red_unless_nobody_knows(observed: Observed, item: Care) -> None:
    del observed.mails[item.message_id]
    assert rules(observed) == {"mail lost"}
    change(observed, item, state="unknown", deliveries=(Delivery("unknown", lost=1),))
    assert rules(observed) == set()


def test_a_closing_that_is_drawn_never_or_twice_is_red(observed: Observed) -> None:
    observed.samples.append(observed.samples[1])
    assert rules(observed) == {"sample"}
    observed.samples = observed.samples[:1]
    assert rules(observed) == {"sample"}


def test_a_closing_that_stays_undecided_is_red(observed: Observed) -> None:
    observed.samples[1] = Sampled("int_2", None, 0)
    assert rules(observed) == {"sample"}


def test_a_closing_of_somebody_is_no_closing_of_nobody(observed: Observed) -> None:
    observed.samples[1] = Sampled("int_2", "no_customer", 0)
    assert rules(observed) == {"sample"}
    observed.emitted[-1] = replace(observed.emitted[-1], customer=None)
    assert rules(observed) == set()


@pytest.mark.parametrize("invitations", [0, 2])
def test_a_drawn_customer_who_is_not_invited_once_is_red(observed: Observed, invitations: int) -> None:
    observed.samples[0] = Sampled("int_1", "sampled", invitations)
    assert rules(observed) == {"invitation"}


@pytest.mark.parametrize("fields", [{"owner": None}, {"owner_works": False}, {"owner": "per_2"}])
def test_a_complaint_without_its_owner_is_red(observed: Observed, fields: dict[str, Any]) -> None:
    observed.cases = [replace(CASE, **fields)]
    assert rules(observed) == {"owner"}


def test_a_complaint_whose_owner_changed_untold_is_red(observed: Observed) -> None:
    told = Emitted("feedback", "o2", "complaint.handover_accepted", "complaint cmp_1", 3, "cmp_1", "per_2")
    observed.emitted.append(told)
    assert rules(observed) == {"owner"}


def test_what_was_seen_meanwhile_counts(observed: Observed) -> None:
    observed.orphaned.append("at 12:00:00 cmp_1 is owned by nobody")
    assert rules(observed) == {"owner"}


def test_a_run_at_which_nobody_looked_is_red(observed: Observed) -> None:
    observed.looks = 0
    assert rules(observed) == {"unwatched"}


def test_a_complaint_without_deadline_or_with_a_broken_history_is_red(observed: Observed) -> None:
    observed.cases = [replace(CASE, has_deadline=False, whole=False)]
    assert rules(observed) == {"deadline", "history"}


@pytest.mark.parametrize("times", [0, 2])
def test_a_notice_that_is_told_of_never_or_twice_is_red(observed: Observed, times: int) -> None:
    observed.cases = [replace(CASE, notices={"car_1": times})]
    assert rules(observed) == {"notice"}


def test_an_alarm_that_never_fires_or_twice_is_red(observed: Observed) -> None:
    observed.cases = [replace(CASE, timers=(replace(ALARM, told=2),))]
    assert rules(observed) == {"timer"}
    observed.cases = [replace(CASE, timers=(replace(ALARM, fired=False, told=0),))]
    assert rules(observed) == {"timer lost"}
    observed.cases = [replace(CASE, timers=(replace(ALARM, fired=False, cancelled=True, told=0),))]
    assert rules(observed) == set()
