"""What feedback's events make of care. Business time is 2026-11-22 at noon in Shanghai."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from care_scheduler.events import CATALOGUE
from care_scheduler.triggers.handlers import Triggers
from careline.clock import FixedClock
from careline.events import Event
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.wakeups import Wakeup

from ..planning import DEFAULT_ZONE, Plans


class Feedback:
    """Says things as the feedback service does."""

    def __init__(self, plans: Plans, clock: FixedClock) -> None:
        self.plans = plans
        self.planned = Wakeup()
        self.triggers = Triggers(
            Outbox(CATALOGUE), real=clock, business=clock, default_zone=DEFAULT_ZONE, planned=self.planned
        )

    async def say(self, type_: str, sequence: int = 1, **data: Any) -> None:
        """Let care consume an event."""
        handlers = self.triggers.of_surveys() | self.triggers.of_complaints()
        event = Event(new_id(), type_, "x", "x", sequence, datetime(2026, 11, 22, tzinfo=UTC), data)
        async with self.plans.database.write_raw() as connection:
            await handlers[type_](connection, event)


@pytest.fixture
def feedback(plans: Plans, clock: FixedClock) -> Feedback:
    return Feedback(plans, clock)


def of_customer(customer: UUID, **data: Any) -> dict[str, Any]:
    """What events say of whom they are about."""
    return {"customer_id": encode("cus", customer), "complaint_id": encode("cmp", COMPLAINT), **data}


COMPLAINT = UUID("01930000-0000-7000-8000-000000000001")
NAME = encode("cmp", COMPLAINT)
INVITATION = encode("inv", COMPLAINT)
TERM: dict[str, Any] = {"not_before": "2026-11-22T04:30:00+00:00", "not_after": "2026-11-25T04:00:00+00:00"}


async def test_an_invitation_becomes_one_item(feedback: Feedback, plans: Plans) -> None:
    customer = new_id()

    for _ in range(2):
        await feedback.say("survey.invited", customer_id=encode("cus", customer), invitation_id=INVITATION, **TERM)

    (item,) = await plans.items(customer)
    assert (item["occasion"], item["occasion_key"], item["reference"], item["purpose"], item["state"]) == (
        "follow_up",
        INVITATION,
        INVITATION,
        "survey",
        "planned",
    )
    assert (item["due_at"].isoformat(), item["not_after"].isoformat()) == (TERM["not_before"], TERM["not_after"])
    assert await feedback.planned.wait(0.01)


async def test_an_invitation_that_comes_too_late_is_recorded_and_never_sent(feedback: Feedback, plans: Plans) -> None:
    customer = new_id()
    term: dict[str, Any] = {"not_before": "2026-11-18T04:30:00+00:00", "not_after": "2026-11-21T04:00:00+00:00"}

    await feedback.say("survey.invited", customer_id=encode("cus", customer), invitation_id=INVITATION, **term)

    assert await plans.due(customer, "follow_up") == [(INVITATION, "2026-11-18 04:30", "expired")]


async def test_who_complains_is_told_at_once_that_we_know(feedback: Feedback, plans: Plans) -> None:
    customer = new_id()

    await feedback.say("complaint.opened", **of_customer(customer))

    (item,) = await plans.items(customer)
    assert (item["occasion_key"], item["purpose"], item["reference"]) == (f"{NAME}:acknowledged", "service", NAME)
    assert item["due_at"] == plans.clock.now()


async def test_a_complaint_of_nobody_known_is_acknowledged_when_it_is_known_whose_it_is(
    feedback: Feedback, plans: Plans
) -> None:
    customer = new_id()

    await feedback.say("complaint.opened", **of_customer(customer) | {"customer_id": None})
    before = await plans.items()
    for sequence in (2, 3):
        await feedback.say("complaint.customer_linked", sequence, **of_customer(customer))

    assert before == []
    assert [row["occasion"] for row in await plans.items(customer)] == ["complaint_acknowledged"]


async def test_an_answer_is_sent_and_some_days_later_the_customer_is_asked(feedback: Feedback, plans: Plans) -> None:
    customer = await plans.customer(time_zone="Europe/Paris")

    await feedback.say("complaint.answered", 5, **of_customer(customer, word_by="2026-12-02T00:00:00+00:00"))

    assert await plans.due(customer, "complaint_answered") == [(f"{NAME}:answered:5", "2026-11-22 04:00", "planned")]
    assert await plans.due(customer, "complaint_check") == [(f"{NAME}:check:5", "2026-11-25 09:00", "planned")]


async def test_the_customer_is_asked_before_their_word_is_due(feedback: Feedback, plans: Plans) -> None:
    customer = new_id()

    await feedback.say("complaint.answered", 5, **of_customer(customer, word_by="2026-11-24T06:00:00+00:00"))

    assert [due for _, due, _ in await plans.due(customer, "complaint_check")] == ["2026-11-23 06:00"]


async def test_who_has_given_their_word_is_not_asked_for_it(feedback: Feedback, plans: Plans) -> None:
    customer = new_id()
    await feedback.say("complaint.answered", 5, **of_customer(customer, word_by="2026-12-02T00:00:00+00:00"))

    await feedback.say("complaint.customer_word", 6, **of_customer(customer, word="accepted"))

    assert [state for *_, state in await plans.due(customer, "complaint_check")] == ["cancelled"]
    # The answer itself still goes out.
    assert [state for *_, state in await plans.due(customer, "complaint_answered")] == ["planned"]


async def test_a_second_answer_is_news(feedback: Feedback, plans: Plans) -> None:
    customer = new_id()
    for sequence in (5, 9):
        await feedback.say("complaint.answered", sequence, **of_customer(customer, word_by="2026-12-02T00:00:00+00:00"))

    assert len(await plans.due(customer, "complaint_answered")) == 2
    assert len(await plans.due(customer, "complaint_check")) == 2


async def test_an_occasion_that_is_switched_off_makes_nothing(feedback: Feedback, plans: Plans) -> None:
    await plans.execute("UPDATE occasions SET active = false WHERE key = 'follow_up'")

    await feedback.say("survey.invited", customer_id=encode("cus", new_id()), invitation_id=INVITATION, **TERM)

    assert await plans.items() == []
