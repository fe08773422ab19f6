"""A complaint from the first word to the last."""

from datetime import UTC, datetime, timedelta

from careline.ids import encode, new_id

from .office import MONDAY, Office


async def test_a_complaint_goes_round_and_ends_with_the_customers_word(office: Office) -> None:
    complaint = await office.record("ann", text=None, interaction_id=encode("int", new_id()))
    assert complaint["owner_id"] == encode("per", office.people["ann"])
    assert complaint["department_id"] == encode("dep", office.departments["customer_service"])
    assert complaint["state"] == "open"
    # Eight business hours of a day of eight: 17:00 in Shanghai, the same day.
    assert complaint["next_deadline_at"] == "2026-11-23T09:00:00Z"
    place = f"/v1/complaints/{complaint['id']}"
    complaint = await office.do("ann", f"{place}/acknowledgement", {"by": "phone"})
    assert complaint["next_deadline_at"] == "2026-11-27T09:00:00Z"
    offer = await office.offer("ann", complaint, "purchasing")
    assert (await office.look("ann", complaint))["owner_id"] == encode("per", office.people["ann"])
    answer = await office.call("pia", "POST", f"/v1/handover-offers/{offer['id']}/bounce", {"reason": "Not ours."})
    assert answer.status_code == 204
    offer = await office.offer("ann", complaint, "purchasing")
    accepted = await office.do("pia", f"/v1/handover-offers/{offer['id']}/acceptance")
    assert accepted["owner_id"] == encode("per", office.people["pia"])
    assert accepted["giver_id"] == encode("per", office.people["ann"])
    assert accepted["next_deadline_at"] == complaint["next_deadline_at"]
    assert (await office.call("pia", "POST", f"{place}/closure")).status_code == 409
    answered = await office.answer("pia", complaint)
    assert answered["state"] == "answered"
    refused = await office.call("pia", "POST", f"{place}/closure")
    assert refused.json()["missing"] == ["customer_word"]
    await office.do("pia", f"{place}/customer-word", {"word": "accepted"})
    closed = await office.do("pia", f"{place}/closure")
    assert closed["state"] == "closed"
    assert closed["next_deadline_at"] is None
    assert closed["history_intact"]
    kinds = [kind for kind, _ in await office.events(complaint)]
    assert kinds == [
        "complaint.opened",
        "complaint.acknowledged",
        "complaint.handover_offered",
        "complaint.handover_bounced",
        "complaint.handover_offered",
        "complaint.handover_accepted",
        "complaint.answered",
        "complaint.customer_word",
        "complaint.closed",
    ]
    actions = [entry["action"] for entry in closed["history"]]
    assert actions == [kind.removeprefix("complaint.") for kind in kinds[:6]] + [
        "cause_found",
        "decided",
        "answered",
        "customer_word",
        "closed",
    ]


async def test_not_solved_opens_it_again_and_the_clock_goes_on(office: Office) -> None:
    complaint = await office.record()
    office.clock.advance(3600 * 4)
    answered = await office.answer("ann", complaint)
    assert answered["answered_at"] == "2026-11-23T05:00:00Z"
    # Four of forty business hours are used. Two days pass in which it seemed solved; they do not count.
    office.clock.advance(3600 * 48)
    place = f"/v1/complaints/{complaint['id']}"
    again = await office.do("ann", f"{place}/customer-word", {"word": "not_accepted", "note": "Leaks again."})
    assert again["state"] == "reopened"
    assert again["reopened_count"] == 1
    assert again["reply_text"] is None
    # 36 business hours from Wednesday 13:00: 4 on Wednesday, 8 a day from Thursday, so Tuesday 17:00.
    assert again["next_deadline_at"] == "2026-12-01T09:00:00Z"


async def test_an_answer_that_was_late_leaves_no_time_to_the_reopened(office: Office) -> None:
    complaint = await office.record()
    await office.until(MONDAY + timedelta(days=30))
    await office.answer("ann", complaint)
    reopened = await office.do("ann", f"/v1/complaints/{complaint['id']}/reopening", {"reason": "Still leaks."})
    assert datetime.fromisoformat(reopened["next_deadline_at"]) == office.clock.now()
    await office.settle()
    seen = await office.look("sue", complaint)
    assert seen["state"] == "reopened"
    assert seen["history"][-1]["action"] == "overdue"
    assert office.clock.now() > datetime(2026, 12, 1, tzinfo=UTC)
