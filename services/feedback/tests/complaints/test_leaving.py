"""People leave: what they hold moves in one transaction, and nobody can give them anything from then on."""

import asyncio
from typing import Any

from careline.ids import encode, new_id

from .office import Office


def _person(office: Office, name: str) -> str:
    return encode("per", office.people[name])


async def test_complaints_and_offers_move_to_the_successor(office: Office) -> None:
    owned = await office.record("ann")
    offered = await office.record("bob")
    await office.offer("bob", offered, "customer_service", "ann")
    given = await office.record("ann")
    await office.offer("ann", given, "purchasing")
    closed = await office.record("ann")
    await office.answer("ann", closed)
    await office.do("ann", f"/v1/complaints/{closed['id']}/customer-word", {"word": "accepted"})
    await office.do("ann", f"/v1/complaints/{closed['id']}/closure")
    await office.leave("ann", "sue")
    assert (await office.look("sue", owned))["owner_id"] == _person(office, "sue")
    assert (await office.look("sue", offered))["offers"][0]["to_person_id"] == _person(office, "sue")
    moved = await office.look("sue", given)
    assert moved["owner_id"] == moved["offers"][0]["from_person_id"] == _person(office, "sue")
    assert moved["history"][-1]["facts"]["cause"] == "leaving"
    # What is over stays as it was.
    assert (await office.look("sue", closed))["owner_id"] == _person(office, "ann")
    acknowledged = [data for kind, data in await office.events() if kind == "leaving.acknowledged"]
    assert len(acknowledged) == 1
    assert acknowledged[0]["moved"] == {"complaints": 2, "handover_offers": 1}


async def test_a_successor_in_another_department_is_not_asked_for_this_one(office: Office) -> None:
    complaint = await office.record("ann")
    await office.offer("ann", complaint, "purchasing", "pia")
    await office.leave("pia", "tom")
    seen = await office.look("ann", complaint)
    assert seen["offers"][0]["to_person_id"] is None
    assert seen["offers"][0]["state"] == "open"


async def test_what_was_offered_to_the_successor_by_the_leaver_needs_no_offer(office: Office) -> None:
    complaint = await office.record("ann")
    await office.offer("ann", complaint, "purchasing", "pia")
    await office.leave("ann", "pia")
    seen = await office.look("pia", complaint)
    assert seen["owner_id"] == _person(office, "pia")
    assert seen["offers"][0]["state"] == "withdrawn"


async def test_a_chain_of_leavers_ends_at_somebody_who_works_here(office: Office) -> None:
    complaint = await office.record("ann")
    await office.leave("bob", "sue")
    await office.leave("ann", "bob")
    assert (await office.look("sue", complaint))["owner_id"] == _person(office, "sue")


async def test_an_account_that_ends_without_a_successor_leaves_nothing_alone(office: Office) -> None:
    complaint = await office.record("ann")
    await office.hear("person.deactivated", {"person_id": _person(office, "ann")})
    seen = await office.look("sue", complaint)
    # The head of customer care.
    assert seen["owner_id"] == _person(office, "head")


async def test_assignments_at_the_same_moment_never_end_at_the_leaver(office: Office) -> None:
    complaints = [await office.record("bob") for _ in range(6)]
    offers = [await office.offer("bob", complaint, "customer_service", "ann") for complaint in complaints]
    answers = await asyncio.gather(
        *(office.call("ann", "POST", f"/v1/handover-offers/{offer['id']}/acceptance") for offer in offers),
        office.leave("ann", "sue"),
        *(
            office.call(
                "sue", "POST", f"/v1/complaints/{each['id']}/owner", {"owner_id": _person(office, "ann"), "reason": "x"}
            )
            for each in complaints
        ),
    )
    assert {getattr(answer, "status_code", 200) for answer in answers} <= {200, 403, 404, 409, 422}
    owners = await office.rows("SELECT owner_id FROM complaints WHERE state <> 'closed'")
    assert office.people["ann"] not in {row["owner_id"] for row in owners}


async def test_a_closed_complaint_that_is_opened_again_finds_the_successor(office: Office) -> None:
    complaint = await office.record("ann")
    place = f"/v1/complaints/{complaint['id']}"
    await office.answer("ann", complaint)
    await office.do("ann", f"{place}/customer-word", {"word": "accepted"})
    await office.do("ann", f"{place}/closure")
    await office.leave("ann", "bob")
    reopened = await office.do("sue", f"{place}/reopening", {"reason": "Broken again."})
    assert reopened["owner_id"] == _person(office, "bob")


async def test_new_complaints_pass_a_leaver_by(office: Office) -> None:
    await office.hear("department.changed", _department(office, "pam"), sequence=2)
    rule = await office.call(
        "sue", "PUT", "/v1/complaint-rules/delivery", {"owner": "head", "department_key": "purchasing"}
    )
    assert rule.status_code == 200
    assert (await office.record("ann", kind="delivery"))["owner_id"] == _person(office, "pam")
    await office.leave("pam", "pia")
    assert (await office.record("ann", kind="delivery"))["owner_id"] == _person(office, "ann")


async def test_events_of_the_directory_are_kept(office: Office) -> None:
    newcomer, department = encode("per", new_id()), encode("dep", new_id())
    await office.hear("person.registered", {"person_id": newcomer, "roles": ["colleague"], "department_id": None})
    await office.hear("department.registered", {"department_id": department, "key": "legal", "head_id": newcomer})
    await office.hear("person.department_changed", {"person_id": newcomer, "department_id": department})
    await office.hear(
        "calendar.changed",
        {
            "key": "company",
            "version": 3,
            "time_zone": "Asia/Shanghai",
            "weekly": [{"weekday": 1, "from": "09:00", "to": "24:00"}],
            "closed_on": ["2026-12-25"],
            "open_on": ["2026-11-28"],
            "known_through": "2026-12-31",
        },
    )
    rows = await office.rows(
        """
        SELECT key, d.head_id = p.id AS leads FROM departments d JOIN people p ON p.department_id = d.id
        WHERE key = 'legal'
        """
    )
    assert [dict(row) for row in rows] == [{"key": "legal", "leads": True}]
    assert (await office.record())["promised"]["calendar_version"] == 3


def _department(office: Office, head: str) -> dict[str, Any]:
    return {
        "department_id": encode("dep", office.departments["purchasing"]),
        "key": "purchasing",
        "head_id": _person(office, head),
    }
