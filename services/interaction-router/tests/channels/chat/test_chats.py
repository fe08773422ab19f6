"""A visitor begins, writes, gives a number, ends; the agent's desk follows, and the other way round."""

import asyncio
from uuid import uuid4

import pytest

from careline.ids import decode, new_id
from interaction_router.customers.client import Resolution

from ...factories import Caller, Router, eventually, expect
from .visitor import reply, talk, texts, told, visit

NOBODY = Resolution(customer_id=None, name=None, tier=None, language=None, match="none")


@pytest.fixture
async def agent(router: Router) -> Caller:
    await router.queue("web", channels=["chat"])
    return await router.agent(name="Chen Jing", chat=5)


async def test_two_tabs_begin_one_chat(router: Router) -> None:
    visitor = await visit(router)
    answers = await asyncio.gather(*(visitor.send("POST", "/v1/chats", {"language": "en"}) for _ in range(5)))
    assert len({expect(answer)["id"] for answer in answers}) == 1
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert await router.value("SELECT count(*) FROM chats") == 1
    assert await router.value("SELECT count(*) FROM interactions") == 1


async def test_the_same_message_at_once_and_again_is_one(router: Router) -> None:
    visitor = await visit(router)
    await visitor.begin()
    key = str(uuid4())
    answers = await asyncio.gather(*(visitor.write("Hello", key) for _ in range(4)))
    answers.append(await visitor.write("Hello", key))
    assert len({expect(answer)["id"] for answer in answers}) == 1
    assert sum(answer.headers.get("Idempotency-Replayed") == "true" for answer in answers) == 4
    assert texts(await visitor.current()) == ["Hello"]
    changed = await visitor.write("Something else", key)
    assert changed.status_code == 422
    assert changed.json()["type"].endswith("idempotency-key-reused")


async def test_both_sides_see_what_the_other_writes(router: Router, agent: Caller) -> None:
    visitor = await visit(router)
    await visitor.begin(topic="Delivery")
    await visitor.say("Where is my parcel?")
    snapshot = await agent.snapshot()
    async with agent.line(after=snapshot["cursor"]) as desk:
        await agent.accept()
        await desk.until("interaction.changed")
        await visitor.say("It is late.")
        assert (await desk.until("message.added"))[-1]["data"]["text"] == "It is late."
    await reply(agent, visitor, "I am looking.")
    chat = await visitor.current()
    assert [(each["author"], each["name"], each["text"]) for each in chat["messages"]] == [
        ("visitor", "", "Where is my parcel?"),
        ("visitor", "", "It is late."),
        ("agent", "Chen Jing", "I am looking."),
    ]
    assert chat["agent"] == {"name": "Chen Jing"}


async def test_notes_and_remarks_stay_in_the_house(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    await reply(agent, visitor, "Difficult customer", kind="note")
    router.profile.answer = NOBODY
    expect(await visitor.phone("13800138000"))
    await reply(agent, visitor, "Good morning")
    assert texts(await visitor.current()) == ["Good morning"]
    assert [data["text"] for kind, data in await told(router, visitor) if kind == "message.added"] == ["Good morning"]


async def test_script_is_just_text(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    text = "<script>alert(1)</script>\u202e <img src=x onerror=alert(1)>"
    assert (await visitor.say(text))["text"] == text
    page = await agent.get(f"/v1/interactions/{visitor.chat_id}/messages")
    assert page["items"][0]["text"] == text


NO_MESSAGES = [
    ({"text": ""}, 422),
    ({"text": " \n "}, 422),
    ({"text": "x" * 4001}, 422),
    ({"text": "a\x00b"}, 422),
    ({"text": 5}, 422),
    ({"text": "x", "kind": "reply"}, 422),
    ({"text": "x" * 70_000}, 413),
]


@pytest.mark.parametrize(("body", "status"), NO_MESSAGES)
async def test_what_is_no_message_is_refused(router: Router, body: dict[str, object], status: int) -> None:
    visitor = await visit(router)
    await visitor.begin()
    path = f"/v1/chats/{visitor.chat_id}/messages"
    answer = await visitor.send("POST", path, body, **{"Idempotency-Key": "k"})
    assert answer.status_code == status, answer.text
    assert texts(await visitor.current()) == []


async def test_a_message_needs_a_key(router: Router) -> None:
    visitor = await visit(router)
    await visitor.begin()
    assert (await visitor.send("POST", f"/v1/chats/{visitor.chat_id}/messages", {"text": "x"})).status_code == 400


async def test_a_flood_is_refused_and_then_heard_again(router: Router) -> None:
    visitor = await visit(router)
    await visitor.begin()
    answers = [await visitor.write(f"message {number}") for number in range(20)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 3 <= len(refused) <= 5
    router.clock.advance(seconds=int(refused[-1].headers["Retry-After"]))
    await visitor.say("slower now")
    assert texts(await visitor.current())[-1] == "slower now"


async def test_the_chat_of_another_visitor_is_none(router: Router) -> None:
    visitor, stranger = await visit(router), await visit(router)
    await visitor.begin()
    stranger.chat_id = visitor.chat_id
    assert (await stranger.write("Hello")).status_code == 404
    assert (await stranger.phone("13800138000")).status_code == 404
    assert (await stranger.send("POST", f"/v1/chats/{visitor.chat_id}/end")).status_code == 404
    assert await stranger.current() is None
    assert (await visitor.current())["state"] == "queued"


async def test_only_queues_of_the_chat_can_be_chosen(router: Router) -> None:
    await router.queue("vip", channels=["mail"])
    await router.queue("web", channels=["chat"])
    visitor = await visit(router)
    await visitor.begin(queue="vip")
    assert await router.value("SELECT q.key FROM interactions i JOIN queues q ON q.id = i.queue_id") == "web"


async def test_leaving_takes_the_offer_back(router: Router, agent: Caller) -> None:
    visitor = await visit(router)
    await visitor.begin()
    offer = await agent.offer()
    snapshot = await agent.snapshot()
    async with agent.line(after=snapshot["cursor"]) as desk:
        await visitor.end()
        removed = (await desk.until("offer.removed"))[-1]["data"]
    assert (removed["id"], removed["cause"]) == (offer["id"], "abandoned")
    assert (await agent.snapshot())["offers"] == []
    late = await router.client.post(f"/v1/offers/{offer['id']}/acceptance", headers=agent.headers)
    assert late.status_code == 409
    chat = await visitor.current()
    assert (chat["state"], chat["ended_by"]) == ("ended", "visitor")
    assert "interaction.abandoned" in [kind for kind, _ in await router.events(visitor.chat_id)]
    await visitor.end()
    assert await router.value("SELECT count(*) FROM capacity_claims") == 0


async def test_who_leaves_a_conversation_leaves_the_agent_to_finish_it(router: Router, agent: Caller) -> None:
    await router.disposition()
    visitor = await talk(router, agent)
    await visitor.end()
    [row] = (await agent.snapshot())["interactions"]
    assert row["state"] == "wrap_up"
    assert (await visitor.write("One more thing")).status_code == 409
    await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/closure", {"disposition": "solved"})
    again = await visitor.begin()
    assert again["id"] != row["id"]
    assert again["messages"] == []


async def test_who_comes_back_while_the_agent_finishes_talks_with_the_same_agent(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    key = str(uuid4())
    await visitor.end()
    assert (await visitor.write("One more thing", key)).status_code == 409
    before = visitor.chat_id
    assert (await visitor.begin())["id"] == before
    expect(await visitor.write("One more thing", key))
    chat = await visitor.current()
    assert (chat["state"], texts(chat)) == ("active", ["One more thing"])


async def test_the_agents_end_is_told(router: Router, agent: Caller) -> None:
    await router.disposition()
    visitor = await talk(router, agent)
    await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/wrap-up")
    assert (await visitor.current())["state"] == "wrap_up"
    await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/closure", {"disposition": "solved"})
    chat = await visitor.current()
    assert (chat["state"], chat["ended_by"]) == ("ended", "agent")
    assert (await visitor.write("Hello?")).json()["type"].endswith("chat-ended")


async def test_a_number_is_claimed_and_shows_a_possible_customer(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    customer_id = new_id()
    router.profile.answer = Resolution(
        customer_id=customer_id, name="Li Wei", tier="gold", language="zh-CN", match="claimed"
    )
    shown = expect(await visitor.phone("138 0013 8000"))
    assert shown == {"shown": "+86 *** 8000", "state": "claimed"}
    asked = router.profile.asked[-1]
    assert asked["identifiers"] == [{"type": "phone", "value": "+8613800138000", "proven": False}]
    assert asked["visitor_id"] == visitor.id
    row = await agent.get(f"/v1/interactions/{visitor.chat_id}")
    assert row["customer"]["identity"] == "claimed"
    assert row["identifiers"] == [{"type": "phone", "value": "+8613800138000", "state": "claimed"}]
    await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/verification", {"method": "agent_check"})
    assert (await visitor.current())["phone"] == {"shown": "+86 *** 8000", "state": "verified"}
    [verified] = [data for kind, data in await router.events(visitor.chat_id) if kind.endswith("identity_verified")]
    assert verified["visitor_id"] == visitor.id
    assert (decode("cus", verified["customer_id"]), verified["identifier_type"]) == (customer_id, "phone")


async def test_who_is_verified_is_not_renamed_by_a_typed_number(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    first = new_id()
    router.profile.answer = Resolution(customer_id=first, name="Li Wei", tier=None, language=None, match="claimed")
    expect(await visitor.phone("13800138000"))
    await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/verification", {"method": "agent_check"})
    router.profile.answer = Resolution(customer_id=new_id(), name="Boss", tier=None, language=None, match="claimed")
    expect(await visitor.phone("13900139000"))
    row = await agent.get(f"/v1/interactions/{visitor.chat_id}")
    assert (decode("cus", row["customer"]["id"]), row["customer"]["identity"]) == (first, "verified")


async def test_a_profile_that_is_away_hears_of_the_number_later(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    router.profile.answer = NOBODY
    row = await agent.get(f"/v1/interactions/{visitor.chat_id}")
    router.profile.answer = None
    expect(await visitor.phone("13800138000"))
    customer_id = new_id()
    router.profile.answer = Resolution(customer_id=customer_id, name="Li", tier=None, language=None, match="claimed")

    async def filled_in() -> bool:
        nonlocal row
        row = await agent.get(f"/v1/interactions/{visitor.chat_id}")
        return bool(row["customer"]["id"])

    await eventually(filled_in, seconds=8)
    assert decode("cus", row["customer"]["id"]) == customer_id


@pytest.mark.parametrize("number", ["abc", "12", "+86 1", "999999999999999999", "110"])
async def test_what_is_no_number_is_refused(router: Router, number: str) -> None:
    visitor = await visit(router)
    await visitor.begin()
    answer = await visitor.phone(number)
    assert answer.status_code == 422
    assert (await visitor.current())["phone"] is None
