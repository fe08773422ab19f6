"""What care and the router say of our notices, and replies by mail."""

import asyncio
from typing import Any

from careline.ids import encode, new_id

from ..neighbours import Neighbours
from .office import Office


async def _notice(office: Office, complaint: dict[str, Any], kind: str, occasion: str, **more: Any) -> str:
    care_id: str = more.pop("care_id", encode("car", new_id()))
    data = {
        "care_id": care_id,
        "customer_id": complaint["customer_id"],
        "occasion": occasion,
        "reference": complaint["id"],
        **more,
    }
    await office.hear_care(kind, data)
    return care_id


async def test_the_mail_that_goes_out_by_itself_acknowledges(office: Office) -> None:
    complaint = await office.record()
    await _notice(office, complaint, "care.completed", "complaint_acknowledged", outcome="sent")
    seen = await office.look("ann", complaint)
    assert seen["acknowledged_at"] is not None
    assert [entry["action"] for entry in seen["history"]] == ["opened", "acknowledged", "notice_sent"]
    assert "complaint.acknowledged" in [kind for kind, _ in await office.events(complaint)]


async def test_what_did_not_arrive_acknowledges_nothing(office: Office) -> None:
    complaint = await office.record()
    for outcome in ("unknown", "failed", "bounced"):
        await _notice(office, complaint, "care.completed", "complaint_acknowledged", outcome=outcome)
    await _notice(office, complaint, "care.suppressed", "complaint_acknowledged", gate="address")
    await _notice(office, complaint, "care.expired", "complaint_acknowledged")
    seen = await office.look("ann", complaint)
    assert seen["acknowledged_at"] is None
    assert [entry["action"] for entry in seen["history"]][1:] == ["notice_failed"] * 3 + ["notice_not_sent"] * 2


async def test_a_reply_that_says_one_word_is_the_customers_word(office: Office, neighbours: Neighbours) -> None:
    for text, state in (("Solved!\n> our mail", "closed"), ("未解决", "reopened"), ("Let me think.", "answered")):
        complaint = await office.record()
        await office.answer("ann", complaint)
        care_id = await _notice(office, complaint, "care.due", "complaint_answered")
        message_id = encode("msg", new_id())
        neighbours.texts[message_id] = text
        await office.hear_care(
            "delivery.replied",
            {
                "delivery_id": encode("dlv", new_id()),
                "care_id": care_id,
                "message_id": message_id,
                "interaction_id": encode("int", new_id()),
            },
        )
        for _ in range(200):
            if not await office.rows("SELECT 1 FROM complaint_replies WHERE outcome IS NULL"):
                break
            await asyncio.sleep(0.05)
        seen = await office.look("ann", complaint)
        assert seen["state"] == state
        assert "customer_replied" in [entry["action"] for entry in seen["history"]]


async def test_what_care_is_told(office: Office) -> None:
    complaint = await office.record()
    first = await office.told(complaint)
    assert first["values"]["complaint_number"] == complaint["number"]
    # In the zone of the calendar.
    assert first["values"]["resolve_by"] == "2026-11-27 17:00"
    assert "reply_text" not in first["values"]
    await office.answer("ann", complaint)
    values = (await office.told(complaint))["values"]
    assert values["reply_text"] == "You get a new one."
    assert "/api/feedback/v1/complaint-words/" in values["link"]
    await office.client.post(values["link"].partition("/api/feedback")[2], data={"solved": "yes"})
    assert await office.told(complaint) == {}
