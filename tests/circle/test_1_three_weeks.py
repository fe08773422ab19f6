"""Three weeks: a closed matter, the follow-up, a low score, a complaint, its hand-over, escalation and solution."""

import random
import re
from datetime import timedelta
from uuid import uuid4

import httpx

from careline_local.city.citizens import Citizen
from careline_local.city.opinions import Anybody, react
from careline_local.city.pace import Pace
from tests.circle.world import DAY, FEEDBACK, SURVEY_LINK, World
from tests.e2e.waiting import eventually

COMPLAINTS = f"{FEEDBACK}/complaints"
WORD = re.compile(r"(/api/feedback/v1/complaint-words/[\w.~-]+)")


async def test_nobody_passes_it_on_and_forgets_it(world: World) -> None:
    world.advance_to(world.now().date() + DAY, 10)
    began = world.now()
    customer = world.customer(tier="gold")
    await _is_served(world, customer["address"])
    # A shop's matter is asked about a day later, when the customer is not asleep.
    world.advance(DAY)
    survey = await world.mail(customer["address"], SURVEY_LINK.pattern)

    _answer(world, survey.get_body(("plain",)).get_content(), {"satisfaction": 1, "reason": "solution"})  # type: ignore[union-attr]
    complaint = await _complaint_of(world, customer["id"])
    assert complaint["source"] == "low_score"
    assert complaint["next_deadline_at"]
    acknowledged = await world.care_item(customer["id"], "complaint_acknowledged", "sent")
    assert acknowledged["purpose"] == "service"

    path = f"{COMPLAINTS}/{complaint['id']}"
    giver = world.owner(complaint)
    purchasing = _department(world, "purchasing")
    offered = giver.post(f"{path}/handovers", {"to_department": purchasing, "note": "配件由采购部订购"})
    assert offered["owner_id"] == complaint["owner_id"], "the giver stays accountable until it is accepted"
    head = world.person("zhaolei")
    offer = next(each for each in head.get(path)["offers"] if each["state"] == "open")
    accepted = head.post(f"{FEEDBACK}/handover-offers/{offer['id']}/acceptance", {})
    assert accepted["owner_id"] == head.person["id"]
    assert _resolve_by(accepted) == _resolve_by(complaint), "the customer's deadline never moves"

    world.advance(timedelta(days=12))
    supervisor = world.person("wangfang")

    def is_escalated() -> bool:
        return bool(supervisor.get(path)["escalation_level"] >= 2)

    await eventually(is_escalated, seconds=20, what="the escalation")
    overdue = supervisor.get(COMPLAINTS, view="overdue")["items"]
    assert complaint["id"] in {each["id"] for each in overdue}
    assert supervisor.get(path)["owner_id"] == head.person["id"]

    refused = head.request("POST", f"{path}/closure", json={})
    assert refused.status_code == 409
    head.post(f"{path}/cause", {"code": "supplier", "note": "供应商缺货"})
    head.post(f"{path}/decision", {"decision": "upheld"})
    head.post(f"{path}/reply", {"text": "配件已经到货，明天上门更换，给您添麻烦了。"})
    answer = await world.mail(customer["address"], WORD.pattern)
    await _say_it_is_solved(world, customer, answer.get_body(("plain",)).get_content())  # type: ignore[union-attr]

    world.advance(8 * DAY)

    def is_closed() -> bool:
        seen = head.get(path)
        if seen["state"] == "answered" and seen["customer_word"] == "accepted":
            head.post(f"{path}/closure", {})
        return bool(head.get(path)["state"] == "closed")

    await eventually(is_closed, seconds=20, what="the end of the complaint")
    closed = head.get(path)
    assert closed["history_intact"]
    assert world.now() - began > timedelta(days=20)

    def is_told() -> bool:
        return any("complaint" in entry["title_key"] for entry in world.stack.timeline(customer["id"]))

    await eventually(is_told, seconds=10, what="the complaint on the customer's timeline")


async def _is_served(world: World, address: str) -> None:
    skill = f"skill-{uuid4().hex[:6]}"
    world.stack.put_queue(skill)
    agent = world.stack.hire("Ada", [skill])
    agent.go("available")
    await world.served(agent, skill, address)


def _answer(world: World, text: str, answers: dict[str, object]) -> None:
    found = SURVEY_LINK.search(text)
    assert found is not None
    address = f"{world.stack.origin}{FEEDBACK}/invitations/by-token/{found[1]}/answers"
    assert httpx.post(address, json={"answers": answers}).status_code == 201
    again = httpx.post(address, json={"answers": {"satisfaction": 5}})
    assert again.status_code == 409
    assert again.json()["type"].endswith("already-answered")


async def _complaint_of(world: World, customer_id: str) -> dict[str, object]:
    supervisor = world.person("wangfang")

    def look() -> dict[str, object] | None:
        found = supervisor.get(COMPLAINTS, view="all", customer_id=customer_id)["items"]
        return supervisor.get(f"{COMPLAINTS}/{found[0]['id']}") if found else None

    return await eventually(look, seconds=10, what="the complaint")


def _department(world: World, key: str) -> str:
    (found,) = [each for each in world.stack.admin.get("/api/directory/v1/departments")["items"] if each["key"] == key]
    return str(found["id"])


def _resolve_by(complaint: dict[str, object]) -> object:
    (found,) = [each["by"] for each in complaint["due_dates"] if each["deadline"] == "resolve"]  # type: ignore[attr-defined]
    return found


async def _say_it_is_solved(world: World, customer: dict[str, str], text: str) -> None:
    """As a citizen of the demo does; what she sees first is a page that changes nothing."""
    found = WORD.search(text)
    assert found is not None
    anybody, pace = Anybody(world.stack.origin), Pace(1, 1, random.Random(1))
    await anybody.get(found[1])
    await react(anybody, Citizen(customer["id"], "", customer["address"], "en", 1.0, 1.0), text, pace)
    await anybody.close()
    assert pace.done == {"complaints settled": 1}
