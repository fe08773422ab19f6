import asyncio

from careline.ids import encode, new_id

from ..factories import Caller, Router


async def taken(router: Router) -> tuple[Caller, str]:
    """An agent with an interaction in hand."""
    await router.queue()
    await router.disposition()
    agent = await router.agent()
    await router.arrive()
    return agent, await agent.accept()


async def test_only_the_agent_who_holds_it_may_act_and_others_see_nothing(router: Router) -> None:
    agent, interaction_id = await taken(router)
    other = await router.agent(status="busy", name="Other")
    path = f"/v1/interactions/{interaction_id}"
    for method, where, body in (
        ("GET", "", None),
        ("GET", "/messages", None),
        ("GET", "/decisions", None),
        ("GET", "/draft", None),
        ("POST", "/messages", {"kind": "note", "text": "x"}),
        ("PUT", "/draft", {"kind": "note", "text": "x", "version": 0}),
        ("PUT", "/read", None),
        ("POST", "/verification", {"method": "agent_check"}),
        ("POST", "/wrap-up", None),
        ("POST", "/resumption", None),
        ("POST", "/closure", {"disposition": "solved"}),
    ):
        refused = await other.send(method, path + where, body, status=404)
        unknown = f"/v1/interactions/{encode('int', new_id())}"
        same = await other.send(method, unknown + where, body, status=404)
        assert refused["title"] == same["title"]
    await router.supervisor().get(path)
    await agent.get(path)


async def test_messages_come_newest_first_in_pages(router: Router) -> None:
    agent, interaction_id = await taken(router)
    for number in range(60):
        await router.arrive(text=f"message {number}")
    first = await agent.get(f"/v1/interactions/{interaction_id}/messages")
    second = await agent.get(f"/v1/interactions/{interaction_id}/messages", params={"before": first["next"]})
    assert [each["seq"] for each in first["items"] + second["items"]] == list(range(61, 0, -1))
    assert second["next"] is None
    await agent.send("GET", f"/v1/interactions/{interaction_id}/messages?before=nonsense", status=422)


async def test_a_message_sent_again_under_its_key_is_one(router: Router) -> None:
    agent, interaction_id = await taken(router)
    headers = {**agent.headers, "Idempotency-Key": "k"}
    path = f"/v1/interactions/{interaction_id}/messages"
    body = {"kind": "note", "text": "called back"}
    answers = await asyncio.gather(*(router.client.post(path, json=body, headers=headers) for _ in range(4)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    missing = await router.client.post(path, json=body, headers=agent.headers)
    assert missing.status_code == 400


async def test_a_draft_is_never_overwritten_unseen(router: Router) -> None:
    agent, interaction_id = await taken(router)
    path = f"/v1/interactions/{interaction_id}/draft"
    assert (await agent.get(path))["version"] == 0
    first = await agent.send("PUT", path, {"kind": "reply", "text": "Dear", "version": 0})
    second = await agent.send("PUT", path, {"kind": "reply", "text": "Dear Li", "version": first["version"]})
    stale = await agent.send("PUT", path, {"kind": "reply", "text": "Hi", "version": first["version"]}, status=409)
    assert stale["draft"]["text"] == "Dear Li"
    await agent.send("PUT", path, {"kind": "reply", "text": "Hi", "version": 0}, status=409)
    await agent.send("PUT", path, {"kind": "reply", "text": "", "version": 9}, status=409)
    assert second["version"] == 2
    await agent.send("POST", f"/v1/interactions/{interaction_id}/messages", {"kind": "note", "text": "done"})
    assert (await agent.get(path))["text"] == ""


async def test_wrong_states_are_refused_and_say_so(router: Router) -> None:
    agent, interaction_id = await taken(router)
    path = f"/v1/interactions/{interaction_id}"
    refused = await agent.send("POST", f"{path}/resumption", status=409)
    assert refused["type"].endswith("wrong-state")
    await agent.send("POST", f"{path}/closure", {"disposition": "nonsense"}, status=422)
    await agent.send("POST", f"{path}/verification", {"method": "agent_check"}, status=409)
    await agent.send("POST", f"{path}/wrap-up")
    await agent.send("POST", f"{path}/messages", {"kind": "reply", "text": "late"}, status=409)
    closed = await agent.send("POST", f"{path}/closure", {"disposition": "solved", "note": "new seal"})
    assert (closed["state"], closed["disposition_note"]) == ("closed", "new seal")
    await agent.send("POST", f"{path}/closure", {"disposition": "solved"}, status=409)
    kind, data = (await router.events(interaction_id))[-1]
    assert (kind, data["disposition"], data["agent_id"]) == ("interaction.closed", "solved", agent.subject)
    assert await router.value("SELECT count(*) FROM capacity_claims") == 0


async def test_verification_is_told_once(router: Router) -> None:
    agent, interaction_id = await taken(router)
    await router.fetch("UPDATE interactions SET customer_id = gen_random_uuid()")
    path = f"/v1/interactions/{interaction_id}/verification"
    for _ in range(2):
        verified = await agent.send("POST", path, {"method": "agent_check"})
        assert verified["customer"]["identity"] == "verified"
        assert verified["identifiers"][0]["state"] == "verified"
    told = [data for kind, data in await router.events(interaction_id) if kind == "interaction.identity_verified"]
    assert len(told) == 1
    assert told[0]["identifier_type"] == "email"
