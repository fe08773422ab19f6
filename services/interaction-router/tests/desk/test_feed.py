"""State plus events is the state afterwards, for every action: the desk never needs to ask twice."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from httpx_ws import WebSocketDisconnect

from ..factories import AGENT_SCOPES, Caller, Line, Router, eventually

Action = Callable[[Router, Caller], Awaitable[object]]


def apply(state: dict[str, Any], frame: dict[str, Any]) -> None:
    """What the page does with a frame."""
    data = frame.get("data", {})
    match frame["type"]:
        case "presence.changed":
            state["agent"] = data
        case "settings.changed":
            state["settings"] = data
        case "offer.changed":
            state["offers"][data["id"]] = data
        case "offer.removed":
            state["offers"].pop(data["id"], None)
        case "interaction.changed":
            state["interactions"][data["id"]] = data
        case "interaction.removed":
            state["interactions"].pop(data["id"], None)
        case "ready" | "heartbeat" | "counts" | "message.added":
            pass
        case kind:
            raise AssertionError(f"unknown frame {kind}")
    state["cursor"] = frame.get("seq", state["cursor"])


def as_state(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {
        "cursor": snapshot["cursor"],
        "agent": snapshot["agent"],
        "settings": snapshot["settings"],
        "offers": {each["id"]: each for each in snapshot["offers"]},
        "interactions": {each["id"]: each for each in snapshot["interactions"]},
    }


async def wait_for_state(state: dict[str, Any], line: Line, agent: Caller) -> None:
    """Apply frames until the state is as fresh as a snapshot, and compare."""
    await asyncio.sleep(0.3)
    fresh = as_state(await agent.snapshot())
    while state["cursor"] < fresh["cursor"]:
        apply(state, await line.frame())
    assert state == fresh


async def first_interaction(agent: Caller) -> str:
    return str((await agent.snapshot())["interactions"][0]["id"])


async def act_on(agent: Caller, path: str, body: Any = None, method: str = "POST") -> None:
    await agent.send(method, f"/v1/interactions/{await first_interaction(agent)}/{path}", body)


async def link(router: Router, agent: Caller) -> None:
    await router.fetch("UPDATE interactions SET customer_id = gen_random_uuid() WHERE agent_id = $1", agent.id)


async def verify(router: Router, agent: Caller) -> None:
    await link(router, agent)
    await act_on(agent, "verification", {"method": "agent_check", "note": "asked for the order"})


ACTIONS: list[tuple[str, Action]] = [
    ("settings", lambda _, a: a.send("PUT", "/v1/desk/settings", {"enter_sends": False, "order": "newest"})),
    ("skills", lambda r, a: r.supervisor().send(
        "PUT", f"/v1/agents/{a.subject}/skills",
        {"skills": [{"skill": "x", "level": 1}], "capacity": {"mail": 4, "chat": 1}},
    )),
    ("offer", lambda r, _: r.arrive("one@customer.example")),
    ("message during the offer", lambda r, _: r.arrive("one@customer.example", "Still dripping")),
    ("accept", lambda _, a: a.accept()),
    ("customer writes on", lambda r, _: r.arrive("one@customer.example", "Hello?")),
    ("read", lambda _, a: act_on(a, "read", method="PUT")),
    ("reply", lambda _, a: act_on(a, "messages", {"kind": "reply", "text": "We come."})),
    ("note", lambda _, a: act_on(a, "messages", {"kind": "note", "text": "VIP"})),
    ("verify", verify),
    ("hold", lambda _, a: act_on(a, "hold")),
    ("customer writes during the hold", lambda r, _: r.arrive("one@customer.example", "Where are you?")),
    ("back from hold", lambda _, a: act_on(a, "resumption")),
    ("wrap up", lambda _, a: act_on(a, "wrap-up")),
    ("its time is over", lambda r, a: _stay_for(r, a, 63)),
    ("resume", lambda _, a: act_on(a, "resumption")),
    ("wrap up again", lambda _, a: act_on(a, "wrap-up")),
    ("customer writes in wrap-up", lambda r, _: r.arrive("one@customer.example", "One more thing")),
    ("close", lambda _, a: act_on(a, "closure", {"disposition": "solved"})),
    ("second offer", lambda r, _: r.arrive("two@customer.example")),
    ("decline", lambda _, a: _decline(a)),
    ("third offer", lambda r, _: r.arrive("three@customer.example")),
    ("miss", lambda r, _: _advance(r, 21)),
    ("back", lambda _, a: a.be("available")),
    ("take it", lambda _, a: a.accept()),
    ("gone", lambda r, _: _advance(r, 41)),
]  # fmt: skip


async def _stay_for(router: Router, agent: Caller, seconds: int) -> None:
    """Time passes and she stays."""
    for _ in range(0, seconds, 21):
        await _advance(router, 21)
        await agent.be("available")


async def _decline(agent: Caller) -> None:
    await agent.send("POST", f"/v1/offers/{(await agent.offer())['id']}/refusal")


async def _advance(router: Router, seconds: float) -> None:
    router.clock.advance(seconds=seconds)
    await asyncio.sleep(0.6)


async def test_state_plus_events_is_the_state_afterwards_for_every_action(router: Router) -> None:
    await router.queue()
    await router.disposition()
    agent = await router.agent()
    snapshot = await agent.snapshot()
    state = as_state(snapshot)
    async with agent.line(snapshot["cursor"]) as line:
        assert (await line.frame())["type"] == "ready"
        for name, action in ACTIONS[:-1]:
            await action(router, agent)
            try:
                await wait_for_state(state, line, agent)
            except AssertionError as fault:
                raise AssertionError(f"after {name}") from fault


async def test_a_line_resumes_from_its_cursor_with_nothing_lost(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    snapshot = await agent.snapshot()
    state = as_state(snapshot)
    async with agent.line(snapshot["cursor"]) as line:
        await line.until("ready")
        await router.arrive("one@customer.example")
        for frame in await line.until("offer.changed"):
            apply(state, frame)
    await agent.accept()
    await router.arrive("one@customer.example", "More")
    async with agent.line(state["cursor"]) as line:
        for frame in await line.until("ready"):
            apply(state, frame)
        await wait_for_state(state, line, agent)


async def test_a_cursor_that_is_too_old_is_reset(router: Router) -> None:
    await router.queue()
    agent = await router.agent()
    await agent.be("busy")
    await router.fetch("DELETE FROM desk_events")
    async with agent.line(1) as line:
        kinds = [frame["type"] for frame in await line.until("ready")]
    assert kinds == ["reset", "ready"]


async def test_frames_come_once_and_in_order(router: Router) -> None:
    await router.queue()
    agent = await router.agent(mail=50)
    cursor = (await agent.snapshot())["cursor"]
    async with agent.line(cursor) as line:
        await asyncio.gather(*(router.arrive(f"c{n}@customer.example") for n in range(20)))
        seen: list[int] = []
        async with asyncio.timeout(10):
            while len(seen) < 20:
                frame = await line.frame()
                if "seq" in frame:
                    seen.append(frame["seq"])
    assert seen == list(range(cursor + 1, cursor + 1 + len(seen)))


async def test_a_lost_line_costs_the_presence_after_the_grace(router: Router) -> None:
    agent = await router.agent()
    async with agent.line() as line:
        await line.until("ready")

    async def short() -> bool:
        left = await router.value("SELECT lease_expires_at FROM agents WHERE id = $1", agent.id)
        return bool((left - router.clock.now()).total_seconds() <= router.settings.presence_grace_seconds)

    await eventually(short)
    router.clock.advance(seconds=router.settings.presence_grace_seconds)

    async def offline() -> bool:
        return bool((await agent.snapshot())["agent"]["presence"]["status"] == "offline")

    await eventually(offline)


async def test_an_open_line_keeps_the_presence(router: Router) -> None:
    agent = await router.agent()
    async with agent.line() as line:
        await line.until("ready")
        router.clock.advance(seconds=30)
        await asyncio.sleep(5.5)
        router.clock.advance(seconds=30)
        await asyncio.sleep(0.5)
        assert (await agent.snapshot())["agent"]["presence"]["status"] == "available"


async def test_who_has_no_right_has_no_line(router: Router) -> None:
    stranger = router.caller(["profile:read"])
    async with router.connect("/v1/desk/feed") as socket:
        await socket.send_json({"type": "authenticate", "token": stranger.token})
        assert await _close_code(socket) == 4401
    async with router.connect("/v1/desk/feed") as socket:
        await socket.send_json({"type": "authenticate", "token": "nonsense"})
        assert await _close_code(socket) == 4401
    async with router.connect("/v1/desk/feed") as socket:
        await socket.send_text("not json")
        assert await _close_code(socket) == 1008


async def test_a_line_ends_with_its_token_unless_it_is_renewed(router: Router) -> None:
    agent = router.caller(AGENT_SCOPES)
    short = router.issuer.token(agent.subject, scopes=AGENT_SCOPES, lifetime_seconds=1.5)
    async with router.connect("/v1/desk/feed") as socket:
        await socket.send_json({"type": "authenticate", "token": short})
        assert await _close_code(socket) == 4401
    async with router.connect("/v1/desk/feed") as socket:
        await socket.send_json({"type": "authenticate", "token": short[:-1] + short[-1]})
        await socket.send_json({"type": "authenticate", "token": agent.token})


async def _close_code(socket: Any) -> int:
    try:
        async with asyncio.timeout(5):
            while True:
                await socket.receive_text()
    except WebSocketDisconnect as fault:
        return int(fault.code)


async def test_the_supervisor_sees_changes_as_they_come(router: Router) -> None:
    await router.queue("mail", "law")
    boss = router.supervisor()
    async with boss.line(path="/v1/supervision/feed") as line:
        first = (await line.frame())["data"]
        assert first["queues"][0]["waiting"] == 0
        await router.arrive()
        second = (await line.frame())["data"]
        while second["queues"][0]["oldest_waiting_reason"] is None:
            second = (await line.frame())["data"]
        assert second["queues"][0]["waiting"] == 1
        assert second["queues"][0]["oldest_waiting_reason"] == "nobody_has_skill"
