"""Handing over: the giver answers for it until somebody says yes; the customer's deadline never moves."""

import asyncio
from datetime import timedelta
from typing import Any

from careline.ids import encode

from .office import MONDAY, Office


def _owner(office: Office, name: str) -> str:
    return encode("per", office.people[name])


async def _give(office: Office, complaint: dict[str, Any], giver: str, to: str, taker: str) -> dict[str, Any]:
    offer = await office.offer(giver, complaint, to)
    return await office.do(taker, f"/v1/handover-offers/{offer['id']}/acceptance")


async def test_giver_stays_owner_and_sees_what_became_of_it(office: Office) -> None:
    complaint = await office.record()
    await office.offer("ann", complaint, "purchasing")
    assert (await office.look("pia", complaint))["owner_id"] == _owner(office, "ann")
    offered = await office.call("paul", "GET", "/v1/complaints", view="offered")
    assert [each["id"] for each in offered.json()["items"]] == [complaint["id"]]
    offer_id = (await office.look("ann", complaint))["offers"][0]["id"]
    await office.do("pia", f"/v1/handover-offers/{offer_id}/acceptance")
    given = await office.call("ann", "GET", "/v1/complaints", view="given")
    assert [each["id"] for each in given.json()["items"]] == [complaint["id"]]
    assert (await office.look("paul", complaint))["owner_id"] == _owner(office, "pia")
    assert (await office.call("tom", "GET", f"/v1/complaints/{complaint['id']}")).status_code == 404


async def test_only_who_is_asked_may_answer(office: Office) -> None:
    complaint = await office.record()
    offer = await office.offer("ann", complaint, "purchasing", "pia")
    place = f"/v1/handover-offers/{offer['id']}"
    assert (await office.call("paul", "POST", f"{place}/acceptance")).status_code == 403
    assert (await office.call("ann", "POST", f"{place}/acceptance")).status_code == 403
    assert (await office.call("tom", "POST", f"{place}/acceptance")).status_code == 404
    # The head of the department may answer for her people.
    accepted = await office.do("pam", f"{place}/acceptance")
    assert accepted["owner_id"] == _owner(office, "pam")


async def test_many_answers_at_once_make_one_owner(office: Office) -> None:
    complaint = await office.record()
    offer = await office.offer("ann", complaint, "purchasing")
    place = f"/v1/handover-offers/{offer['id']}"
    answers = await asyncio.gather(
        *(office.call(name, "POST", f"{place}/acceptance") for name in ("pia", "paul", "pam")),
        office.call("pia", "POST", f"{place}/bounce", {"reason": "no"}),
        office.call("ann", "POST", f"{place}/withdrawal"),
    )
    assert len([answer for answer in answers if answer.is_success]) == 1
    offers = await office.rows("SELECT state FROM handover_offers")
    assert [row["state"] in {"accepted", "bounced", "withdrawn"} for row in offers] == [True]


async def test_many_offers_at_once_leave_one(office: Office) -> None:
    complaint = await office.record()
    body = {"to_department": encode("dep", office.departments["purchasing"]), "note": "Please."}
    answers = await asyncio.gather(
        *(office.call("ann", "POST", f"/v1/complaints/{complaint['id']}/handovers", body) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_an_unanswered_offer_has_a_timer_of_its_own(office: Office) -> None:
    complaint = await office.record()
    await office.do("ann", f"/v1/complaints/{complaint['id']}/acknowledgement", {"by": "phone"})
    await office.offer("ann", complaint, "purchasing")
    await office.until(MONDAY + timedelta(days=1, hours=8))
    events = [(kind, data) for kind, data in await office.events(complaint) if data.get("deadline") == "handover"]
    assert [kind for kind, _ in events] == ["complaint.warned", "complaint.overdue", "complaint.escalated"]
    # To the head of the department that does not answer.
    assert events[-1][1]["to_person_id"] == _owner(office, "pam")
    assert (await office.look("ann", complaint))["owner_id"] == _owner(office, "ann")


async def test_the_customers_deadline_never_moves(office: Office) -> None:
    complaint = await office.record()
    before = [(due["deadline"], due["by"]) for due in complaint["due_dates"]]
    office.clock.advance(3600)
    await _give(office, complaint, "ann", "purchasing", "pia")
    office.clock.advance(3600)
    seen = await _give(office, complaint, "pia", "technics", "tom")
    assert [(due["deadline"], due["by"]) for due in seen["due_dates"]] == before


async def test_back_to_where_it_was_raises_a_level(office: Office) -> None:
    complaint = await office.record()
    assert (await _give(office, complaint, "ann", "purchasing", "pia"))["escalation_level"] == 0
    # Whoever held it before can be asked again.
    back = await _give(office, complaint, "pia", "customer_service", "bob")
    assert back["escalation_level"] == 1
    assert back["history"][-1]["facts"]["cause"] == "handover_circle"


async def test_the_third_hop_raises_a_level(office: Office) -> None:
    complaint = await office.record("pia")
    assert (await _give(office, complaint, "pia", "customer_service", "ann"))["escalation_level"] == 0
    assert (await _give(office, complaint, "ann", "technics", "tom"))["escalation_level"] == 0
    assert (await _give(office, complaint, "tom", "purchasing", "pam"))["escalation_level"] == 1


async def test_within_the_department_it_is_no_hop(office: Office) -> None:
    complaint = await office.record()
    for giver, taker in (("ann", "bob"), ("bob", "ann"), ("ann", "bob")):
        offer = await office.offer(giver, complaint, "customer_service", taker)
        seen = await office.do(taker, f"/v1/handover-offers/{offer['id']}/acceptance")
    assert seen["escalation_level"] == 0


async def test_offers_that_make_no_sense(office: Office) -> None:
    complaint = await office.record()
    place = f"/v1/complaints/{complaint['id']}/handovers"
    care, purchasing = (encode("dep", office.departments[key]) for key in ("customer_service", "purchasing"))
    for body in (
        {"to_department": care, "note": "x"},
        {"to_department": purchasing, "to_person": _owner(office, "tom"), "note": "x"},
        {"to_department": care, "to_person": _owner(office, "ann"), "note": "x"},
        {"to_department": encode("dep", office.people["ann"]), "note": "x"},
    ):
        assert (await office.call("ann", "POST", place, body)).status_code == 422
    assert (await office.call("bob", "POST", place, {"to_department": purchasing, "note": "x"})).status_code == 403


async def test_closing_takes_the_offer_back(office: Office) -> None:
    complaint = await office.record()
    await office.offer("ann", complaint, "purchasing")
    await office.answer("ann", complaint)
    place = f"/v1/complaints/{complaint['id']}"
    await office.do("ann", f"{place}/customer-word", {"word": "accepted"})
    closed = await office.do("ann", f"{place}/closure")
    assert closed["offers"][0]["state"] == "withdrawn"
    assert (await office.call("pia", "GET", place)).status_code == 404
