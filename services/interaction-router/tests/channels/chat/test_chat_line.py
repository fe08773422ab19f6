"""The visitor's line: nothing lost, nothing twice, whatever breaks."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from httpx_ws import AsyncWebSocketSession, WebSocketDisconnect, aconnect_ws
from httpx_ws.transport import ASGIWebSocketTransport
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ...factories import Caller, Line, Router
from .visitor import Page, Visitor, reply, talk, visit


@pytest.fixture
async def agent(router: Router) -> Caller:
    await router.queue("web", channels=["chat"])
    return await router.agent(name="Chen Jing", chat=50)


async def catch_up(page: Page, line: Line, last: int) -> None:
    """Take frames until the line has told everything up to `last`."""
    async with asyncio.timeout(5):
        while page.cursor < last:
            page.take(await line.frame())


async def last_number(router: Router, visitor: Visitor) -> int:
    return int((await visitor.current())["cursor"])


async def test_place_agent_and_answer_come_live(router: Router, agent: Caller) -> None:
    await agent.be("break")
    first, second = await visit(router), await visit(router)
    await first.begin()
    chat = await second.begin()
    assert (chat["position"], chat["ahead"], chat["expected_wait_seconds"]) == (2, 1, None)
    async with second.line(after=chat["cursor"]) as line:
        place = (await line.until("position.changed"))[-1]["data"]
        assert place == {"position": 2, "ahead": 1, "expected_wait_seconds": None}
        await first.end()
        assert (await line.until("position.changed"))[-1]["data"]["position"] == 1
        await agent.be("available")
        assert await agent.accept() == second.chat_id
        frames = await line.until("agent.joined")
        assert frames[-1]["data"] == {"name": "Chen Jing"}
        assert [frame["data"]["state"] for frame in frames if frame["type"] == "state.changed"] == ["active"]
        await reply(agent, second, "Good morning")
        assert (await line.until("message.added"))[-1]["data"]["text"] == "Good morning"


async def test_the_visitor_does_not_see_who_is_being_asked(router: Router, agent: Caller) -> None:
    visitor = await visit(router)
    chat = await visitor.begin()
    offer = await agent.offer()
    assert (await visitor.current())["state"] == "queued"
    await agent.send("POST", f"/v1/offers/{offer['id']}/refusal", {})
    assert await last_number(router, visitor) == chat["cursor"]


async def test_typing_is_shown_and_ends(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    async with visitor.line() as line:
        await line.until("ready")
        draft = {"text": "Good mor", "kind": "reply", "version": 0}
        await agent.send("PUT", f"/v1/interactions/{visitor.chat_id}/draft", draft)
        assert (await line.until("agent.typing"))[-1]["data"] == {"typing": True}
        await reply(agent, visitor, "Good morning")
        assert (await line.until("agent.typing"))[-1]["data"] == {"typing": False}


async def test_a_note_that_is_being_written_is_not_typing(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    async with visitor.line() as line:
        await line.until("ready")
        draft = {"text": "Hm", "kind": "note", "version": 0}
        await agent.send("PUT", f"/v1/interactions/{visitor.chat_id}/draft", draft)
        with pytest.raises(TimeoutError):
            await line.frame(seconds=1.5)


@pytest.mark.parametrize("after", [10_000, 1])
async def test_a_cursor_that_cannot_be_followed_gets_a_reset(router: Router, agent: Caller, after: int) -> None:
    visitor = await talk(router, agent)
    await visitor.say("Hello")
    await router.fetch("DELETE FROM chat_events WHERE seq <= 2")
    async with visitor.line(after=after) as line:
        assert (await line.frame())["type"] == "reset"


async def test_a_strangers_line_is_closed(router: Router) -> None:
    visitor, stranger = await visit(router), await visit(router)
    await visitor.begin()
    stranger.chat_id = visitor.chat_id
    async with stranger.line() as line:
        with pytest.raises(WebSocketDisconnect) as closed:
            await line.frame()
    assert closed.value.code == 4401


async def test_a_page_that_may_not_carry_the_widget_gets_no_line(router: Router) -> None:
    visitor = await visit(router)
    await visitor.begin()
    path = f"/v1/chats/{visitor.chat_id}/feed"
    transport = ASGIWebSocketTransport(router.application)
    socket: AsyncWebSocketSession
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://router.test") as client,
        aconnect_ws(path, client, headers={"Origin": "https://evil.example"}) as socket,
    ):
        with pytest.raises(WebSocketDisconnect) as closed:
            await Line(socket).frame()
    assert closed.value.code == 1008


SAID = st.text("ab", min_size=1, max_size=3)
# Much is said for each time that the line breaks, so that a line lives long enough to lose something.
Step = st.tuples(
    st.sampled_from(["visitor", "agent", "visitor", "agent", "visitor", "agent", "note", "wrap_up", "drop", "reload"]),
    SAID,
)


@given(steps=st.lists(Step, min_size=8, max_size=16))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_snapshot_and_events_are_the_fresh_snapshot(
    router: Router, agent: Caller, steps: list[tuple[str, str]]
) -> None:
    """Lines break anywhere, pages are loaded anew anywhere: what the page holds is what the house holds."""
    visitor = await talk(router, agent)
    page = Page(await visitor.current())
    line: Line | None = None
    async with AsyncExitStack() as lines:
        for number, (step, text) in enumerate(steps):
            if step in {"drop", "reload"}:
                await lines.aclose()
                line = None
                page = Page(await visitor.current()) if step == "reload" else page
            else:
                await _act(agent, visitor, step, text)
                line = line or await lines.enter_async_context(visitor.line(after=page.cursor))
            # Every third time what has come is not read yet when the line breaks.
            if line is not None and number % 3:
                await catch_up(page, line, await last_number(router, visitor))
    async with visitor.line(after=page.cursor) as last:
        await catch_up(page, last, await last_number(router, visitor))
    assert page.seqs == sorted(set(page.seqs))
    assert page.chat == await visitor.current()


async def _act(agent: Caller, visitor: Visitor, step: str, text: str) -> None:
    state = (await visitor.current())["state"]
    if step == "visitor":
        answer = await visitor.write(text)
        if answer.status_code == 429:
            visitor.router.clock.advance(seconds=30)
    elif step == "wrap_up":
        path = "resumption" if state == "wrap_up" else "wrap-up"
        await agent.send("POST", f"/v1/interactions/{visitor.chat_id}/{path}")
    elif step == "agent" and state != "active":
        return
    else:
        await reply(agent, visitor, text, kind="note" if step == "note" else "reply")


async def test_what_is_said_while_the_line_is_open_comes_in_order(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    chat: dict[str, Any] = await visitor.current()
    page = Page(chat)
    async with visitor.line(after=chat["cursor"]) as line:
        await asyncio.gather(
            *(visitor.say(f"v{number}") for number in range(6)),
            *(reply(agent, visitor, f"a{number}") for number in range(6)),
        )
        await catch_up(page, line, await last_number(router, visitor))
    assert len(page.chat["messages"]) == 12
    assert page.chat == await visitor.current()
