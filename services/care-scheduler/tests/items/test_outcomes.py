"""What the router says became of care, and what complaints forbid."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from care_scheduler.items.outcomes import complaints
from careline.events import Event
from careline.ids import encode, new_id

from ..factories import House


async def due(house: House, occasion: str = "birthday", **facts: Any) -> UUID:
    care_id = await house.plan(house.profile.knows(**facts).customer_id, occasion)
    assert (await house.judged(care_id))[0]["state"] == "due"
    return care_id


async def kept(house: House, table: str) -> int:
    async with house.database.read_raw() as connection:
        number: int = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 -- names from below
        return number


async def hear(house: House, kind: str, care_id: UUID, **facts: Any) -> dict[str, Any]:
    """The item after an event of the router."""
    await house.hear("delivery", f"delivery.{kind}", encode("dlv", new_id()), care_id=encode("car", care_id), **facts)
    return await house.item(care_id)


async def test_sent_is_told_once_and_its_text_is_forgotten(house: House) -> None:
    care_id = await due(house)
    assert await kept(house, "care_contents") == 1
    for _ in range(2):
        item = await hear(house, "sent", care_id, means="mail", sent_at="2026-11-23T02:00:05Z")
    assert (item["state"], item["outcome"], item["version"]) == ("sent", "sent", 2)
    assert await kept(house, "care_contents") == 0
    event = (await house.events())[-1]
    assert (event["type"], event["data"]["outcome"], len(await house.events())) == ("care.completed", "sent", 2)


async def test_a_lost_answer_is_unknown_and_a_notice_keeps_its_text_for_the_second_try(house: House) -> None:
    care_id = await due(house)
    assert (await hear(house, "unknown", care_id, final=False))["state"] == "unknown"
    assert await kept(house, "care_contents") == 1
    assert (await hear(house, "sent", care_id, sent_at="2026-11-23T02:00:05Z"))["state"] == "sent"
    final = await due(house)
    await hear(house, "unknown", final, final=True)
    assert await kept(house, "care_contents") == 0


async def test_what_did_not_reach_the_customer_takes_nobodys_place(house: House) -> None:
    for kind, facts, state in (
        ("failed", {"reason": "bad_address"}, "failed"),
        ("cancelled", {"gate": "consent"}, "cancelled"),
        ("cancelled", {"gate": "expired"}, "expired"),
    ):
        care_id = await due(house)
        assert await kept(house, "contacts") == 1
        assert (await hear(house, kind, care_id, **facts))["state"] == state
        assert (await kept(house, "contacts"), await kept(house, "care_contents")) == (0, 0)


async def test_a_bounce_comes_after_it_was_sent(house: House) -> None:
    care_id = await due(house)
    await hear(house, "sent", care_id, sent_at="2026-11-23T02:00:05Z")
    item = await hear(house, "bounced", care_id, status="5.1.1")
    assert (item["state"], item["outcome"]) == ("failed", "bounced")
    assert await kept(house, "contacts") == 0


async def test_a_call_has_an_outcome(house: House) -> None:
    care_id = await due(house, tier="gold")
    item = await hear(house, "completed", care_id, outcome="reached", attempts=1)
    assert (item["state"], item["outcome"]) == ("done", "reached")


async def test_what_is_withdrawn_at_the_last_moment_is_explained(house: House) -> None:
    care_id = await due(house)
    await hear(house, "cancelled", care_id, gate="suppression")
    answer = await house.client.get(f"/v1/care-items/{encode('car', care_id)}")
    assert [each["when"] for each in answer.json()["judgements"]] == ["judged", "sending"]
    assert answer.json()["judgements"][1]["gates"][0]["gate"] == "suppression"
    assert answer.json()["gate"] == "suppression"


async def test_what_comes_late_or_out_of_order_changes_nothing_final(house: House) -> None:
    care_id = await due(house)
    await hear(house, "sent", care_id, sent_at="2026-11-23T02:00:05Z")
    for kind, facts in (("unknown", {"final": True}), ("cancelled", {"gate": "consent"})):
        assert (await hear(house, kind, care_id, **facts))["state"] == "sent"
    assert (await hear(house, "replied", care_id))["outcome"] == "replied"


class TestComplaints:
    async def complaint(self, house: House, kind: str, complaint: str, customer_id: UUID | None) -> None:
        data = {"complaint_id": complaint, "customer_id": encode("cus", customer_id) if customer_id else None}
        event = Event(new_id(), kind, "complaint", complaint, 1, datetime.now(UTC), data)
        async with house.database.write_raw() as connection:
            await complaints()[kind](connection, event)

    async def test_while_one_is_open_nobody_is_greeted_but_answered(self, house: House) -> None:
        customer, complaint = house.profile.knows(), encode("cmp", new_id())
        await self.complaint(house, "complaint.opened", encode("cmp", new_id()), None)
        await self.complaint(house, "complaint.opened", complaint, customer.customer_id)
        greeting = await house.plan(customer.customer_id, key="1")
        notice = await house.plan(customer.customer_id, "three_months", "3m", purpose="service")
        refused, answered = await house.judged(greeting, notice)
        assert (refused["state"], refused["gate"], answered["state"]) == ("suppressed", "complaint", "due")
        await self.complaint(house, "complaint.closed", complaint, customer.customer_id)
        assert (await house.judged(await house.plan(customer.customer_id, key="2")))[0]["state"] == "due"
        await self.complaint(house, "complaint.reopened", complaint, customer.customer_id)
        assert (await house.judged(await house.plan(customer.customer_id, key="3")))[0]["gate"] == "complaint"
