"""Somebody leaves: what she holds moves to her successor, and nothing is without an owner at any moment."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Self
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

    with _Watch(world, {leaver.id, successor.id}, complaint=owned, account=path, work=matter["id"]) as watch:
        body = {"successor_id": successor.id, "note": "王女士每周五下午回电。"}
        leaving = stack.admin.post(f"{DIRECTORY}/people/{leaver.id}/deactivation", body)
        assert leaving["state"] == "leaving"

        def has_left() -> Json | None:
            seen = stack.admin.get(f"{DIRECTORY}/leavings/{leaving['id']}")
            return seen if seen["state"] == "left" else None

        left = await eventually(has_left, seconds=20, what="all acknowledgements")

    assert {each["service"] for each in left["acknowledgements"]} == {"profile", "router", "feedback"}
    assert left["note"] == "王女士每周五下午回电。"
    assert watch.without_owner == []
    assert min(watch.samples.values()) >= 3, watch.samples
    assert stack.admin.get(path)["owner_id"] == successor.id
    assert supervisor.get(owned)["owner_id"] == successor.id
    successor.go("available")

    def offered_again() -> bool:
        rows = [offer["interaction"]["id"] for offer in successor.offers()]
        return matter["id"] in rows + [row["id"] for row in successor.desk()["interactions"]]

    await eventually(offered_again, seconds=15, what="her work with the successor")
    refused = stack.admin.request("PATCH", path, json={"owner_id": leaver.id}, headers={"If-Match": "*"})
    assert refused.status_code in {409, 422}, refused.text


class _Watch:
    """Looks again and again, in a thread, whose everything is; what is nobody's is kept."""

    def __init__(self, world: World, people: set[str], *, complaint: str, account: str, work: str) -> None:
        self.without_owner: list[tuple[str, Json]] = []
        self.samples = Counter[str]()
        self._people = people
        supervisor, admin = world.person("wangfang"), world.stack.admin
        self._looks: dict[str, Callable[[], Json]] = {
            "complaint": lambda: supervisor.get(complaint),
            "account": lambda: admin.get(account),
            "work": lambda: world.contact(work),
        }
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            for what, look in self._looks.items():
                seen = look()
                self.samples[what] += 1
                if not self._is_somebodys(seen):
                    self.without_owner.append((what, seen))

    def _is_somebodys(self, seen: Json) -> bool:
        """Work is an agent's, or stands in a queue, where everybody who has the skill is responsible."""
        if "owner_id" in seen:
            return seen["owner_id"] in self._people
        return seen["state"] in {"queued", "offered"} or seen["agent"]["id"] in self._people
