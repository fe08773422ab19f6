"""Who is gone, and who only seemed so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from careline_local.testing.databases import ServiceDatabase
from interaction_router.settings import RouterSettings

from ...factories import Caller, Router, eventually, make_settings
from .visitor import talk, visit


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path) -> RouterSettings:
    return make_settings(service_database("interaction_router").url, tmp_path, chat_gone_seconds=3)


@pytest.fixture
async def agent(router: Router) -> Caller:
    await router.queue("web", channels=["chat"])
    return await router.agent(name="Chen Jing", chat=5)


async def test_who_is_gone_for_long_waits_no_more(router: Router, agent: Caller) -> None:
    visitor = await visit(router)
    await visitor.begin()
    await agent.offer()
    router.clock.advance(seconds=router.settings.chat_gone_seconds + 1)

    async def ended() -> bool:
        return bool((await visitor.current())["ended_by"] == "absence")

    await eventually(ended)
    assert (await agent.snapshot())["offers"] == []


async def test_the_agent_is_told_that_the_visitor_left_and_came_back(router: Router, agent: Caller) -> None:
    visitor = await talk(router, agent)
    await router.fetch("UPDATE chats SET lease_expires_at = $1", router.clock.now())

    async def remarks() -> list[str]:
        page = await agent.get(f"/v1/interactions/{visitor.chat_id}/messages")
        return [each["text"] for each in page["items"] if each["kind"] == "system"]

    async def left() -> bool:
        return await remarks() == ["visitor.left"]

    await eventually(left)
    assert (await visitor.current())["state"] == "active"
    async with visitor.line() as line:
        await line.until("ready")
    assert await remarks() == ["visitor.back", "visitor.left"]


async def test_an_open_line_keeps_the_place(router: Router) -> None:
    visitor = await visit(router)
    await visitor.begin()
    async with visitor.line() as line:
        await line.until("ready")
        for _ in range(3):
            router.clock.advance(seconds=router.settings.chat_gone_seconds / 2)

            async def renewed() -> bool:
                left = await router.value("SELECT lease_expires_at FROM chats") - router.clock.now()
                return bool(left.total_seconds() > router.settings.chat_gone_seconds / 2)

            await eventually(renewed, seconds=8)
        assert (await visitor.current())["state"] == "queued"
