"""Somebody leaves: what she holds moves to her successor, and nothing is without an owner at any moment."""

import threading
from uuid import uuid4

from careline_local.demo.api import Json
from tests.circle.world import FEEDBACK, World
from tests.e2e.stack import DIRECTORY, PROFILE
from tests.e2e.waiting import eventually

COMPLAINTS = f"{FEEDBACK}/complaints"


async def test_accounts_complaints_and_work_move_with_a_note(world: World) -> None:
    stack = world.stack
    skill = f"skill-{uuid4().hex[:6]}"
    stack.put_queue(skill)
    leaver, successor = stack.hire("Leaver", [skill]), stack.hire("Successor", [skill])
    customer = world.customer()
    path = f"{PROFILE}/customers/{customer['id']}"
    world.change(customer["id"], owner_id=leaver.id)
    leaver.go("available")
    matter = stack.open_matter(skill, email=customer["address"])
    (offer,) = await eventually(leaver.offers, seconds=10, what="an offer")
    leaver.accept(offer)
    complaint = {"kind": "staff", "customer_id": customer["id"], "text": "说好回电却没有人打来"}
    recorded = leaver.api.post(COMPLAINTS, complaint, key=uuid4().hex)
    supervisor = world.person("wangfang")
    owned = f"{COMPLAINTS}/{recorded['id']}"
    if supervisor.get(owned)["owner_id"] != leaver.id:
        supervisor.post(f"{owned}/owner", {"owner_id": leaver.id, "reason": "she knows the case"})

    without_owner: list[Json] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen = supervisor.get(owned)
            if seen["owner_id"] not in {leaver.id, successor.id}:
                without_owner.append(seen)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        body = {"successor_id": successor.id, "note": "王女士每周五下午回电。"}
        leaving = stack.admin.post(f"{DIRECTORY}/people/{leaver.id}/deactivation", body)
        assert leaving["state"] == "leaving"

        def has_left() -> Json | None:
            seen = stack.admin.get(f"{DIRECTORY}/leavings/{leaving['id']}")
            return seen if seen["state"] == "left" else None

        left = await eventually(has_left, seconds=20, what="all acknowledgements")
    finally:
        over.set()
        watching.join()

    assert {each["service"] for each in left["acknowledgements"]} == {"profile", "router", "feedback"}
    assert left["note"] == "王女士每周五下午回电。"
    assert without_owner == []
    assert stack.admin.get(path)["owner_id"] == successor.id
    assert supervisor.get(owned)["owner_id"] == successor.id
    successor.go("available")

    def offered_again() -> bool:
        rows = [offer["interaction"]["id"] for offer in successor.offers()]
        return matter["id"] in rows + [row["id"] for row in successor.desk()["interactions"]]

    await eventually(offered_again, seconds=15, what="her work with the successor")
    refused = stack.admin.request("PATCH", path, json={"owner_id": leaver.id}, headers={"If-Match": "*"})
    assert refused.status_code in {409, 422}, refused.text
