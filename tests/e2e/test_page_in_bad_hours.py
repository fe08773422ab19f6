"""The states that nobody wants: something fails, the line is gone or behind, the session is over.

Nothing for axe there, on a wide page and on a telephone, in both languages.
"""

import itertools
import json
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route, WebSocketRoute, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.desk import Desk
from tests.e2e.stack import ROUTER, Stack
from tests.e2e.test_page_for_everybody import AXE, Examined
from tests.e2e.words import Words

WIDE = {"width": 1440, "height": 900}
TELEPHONE = {"width": 390, "height": 844}
FAILURE = json.dumps({"type": "about:blank", "title": "Failure", "status": 500, "detail": "Nobody knows why."})
# Beyond everything that the desk has heard.
MISSED = itertools.count(2**40)


@dataclass
class Feed:
    """What stands between the desk and its feed."""

    mode: str = "whole"
    lines: list[WebSocketRoute] = field(default_factory=list)

    async def stand_in(self, page: Page) -> None:
        """Take every line of the desk's feed from now on."""
        await page.route_web_socket("**/desk/feed", self._take)

    async def become(self, mode: str) -> None:
        """`whole`, `gone`, or `behind`: it tells what was missed and does not come to an end."""
        self.mode = mode
        for line in self.lines:
            await line.close(code=1001)
        self.lines.clear()

    async def _take(self, line: WebSocketRoute) -> None:
        if self.mode == "gone":
            await line.close(code=1001)
            return
        self.lines.append(line)
        if self.mode == "whole":
            line.connect_to_server()
        else:
            line.on_message(lambda _: line.send(_missed()))


def _missed() -> str:
    """An event that the desk was away for."""
    return json.dumps({"seq": next(MISSED), "type": "counts", "data": {"mine": 1, "queue": 0}})


async def _fail(route: Route) -> None:
    await route.fulfill(status=500, content_type="application/problem+json", body=FAILURE)


async def _end_session(route: Route) -> None:
    await route.fulfill(status=401, content_type="application/problem+json", body="{}")


@dataclass
class BadHours:
    """A desk that is looked at in one bad state after another."""

    examined: Examined
    desk: Desk
    feed: Feed
    width: int

    @property
    def page(self) -> Page:
        """What is looked at."""
        return self.desk.page

    async def look(self, state: str) -> None:
        """Nothing is found, and nothing overflows sideways."""
        await self.examined.look(state)
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        if wide > self.width:
            self.examined.findings.append(f"{state}: {wide} pixels wide")

    async def go(self, place: str, *, anew: bool = False) -> None:
        """Open a place of the page."""
        await self.page.goto(f"{self.page.url.split('#', maxsplit=1)[0]}#/{place}")
        if anew:
            await self.page.reload()

    async def a_message_fails(self) -> None:
        """The server does not take it."""
        await self.page.route("**/messages", _fail)
        await self.desk.composer.fill("What is not sent")
        await self.desk.send()
        await expect(self.page.locator('.outgoing[data-state="failed"]')).to_be_visible()
        await self.look("not sent")

    async def the_line_goes_and_comes_back_behind(self, conversation: str) -> None:
        """Offline, then catching up."""
        words = self.desk.words
        await self.feed.become("gone")
        await expect(self.page.locator('[data-feed="offline"]')).to_be_visible()
        await self.look("offline, conversation")
        await self.go("inbox")
        await expect(self.page.get_by_text(words.pattern("feed.offline_bar"))).to_be_visible()
        await self.look("offline, inbox")
        await self.feed.become("behind")
        await self.page.get_by_role("button", name=words("common.retry")).first.click()
        behind = self.page.locator(".inbox-pane .bar").filter(has_text=words("feed.catching_up", n="1"))
        await expect(behind).to_be_visible()
        await self.look("catching up, inbox")
        await self.go(f"c/{conversation}")
        await expect(self.page.locator(".composer")).to_contain_text(words("composer.locked"))
        await self.look("catching up, conversation")

    async def nothing_answers(self) -> None:
        """Every request of a place fails when it is opened."""
        for path in ("**/api/profile/**", "**/wall-board", "**/v1/quarantine", "**/supervision/*"):
            await self.page.route(path, _fail)
        await self.page.reload()
        await expect(self.page.locator(".conversation-pane .bar.danger")).to_be_visible()
        await self.look("conversation and customer failed")
        await self.page.route(f"**{ROUTER}/desk/snapshot", _fail)
        for place in ("inbox", "supervision", "board", "quarantine"):
            await self.go(place, anew=True)
            await expect(self.page.get_by_role("alert").first).to_be_visible()
            await self.look(f"{place} failed")

    async def the_session_ends(self) -> None:
        """Somebody else's password, or the same, is asked for over the page."""
        await self.page.unroute_all()
        await self.feed.become("whole")
        await self.go("inbox", anew=True)
        await self.desk.is_live()
        await self.page.route("**/session/token", _end_session)
        await self.page.route("**/desk/presence", _end_session)
        await self.page.locator("button.presence").click()
        await self.page.get_by_role("menuitem").first.click()
        await expect(self.page.get_by_role("dialog", name=self.desk.words("session.over_title"))).to_be_visible()
        await self.look("session over")


@pytest.mark.timeout(180, func_only=True)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("viewport", [WIDE, TELEPHONE], ids=["wide", "telephone"])
async def test_the_desk_in_bad_hours(stack: Stack, open_page: OpenPage, viewport: dict[str, int], locale: str) -> None:
    queue = stack.put_queue(f"b{uuid4().hex[:8]}")
    agent = stack.hire("Bad Hours", [queue], roles=["agent", "supervisor"], locale=locale)
    page = await open_page(locale=locale, viewport=viewport)
    await page.add_init_script(path=AXE)
    await page.add_init_script(f"localStorage.setItem('careline:first-run:{agent.id}', 'done')")
    feed = Feed()
    await feed.stand_in(page)
    hours = BadHours(Examined(page), Desk(page, Words(locale), stack.origin), feed, viewport["width"])
    await hours.desk.sign_in(agent)
    await hours.desk.choose_presence("available")
    stack.open_matter(queue, subject="In bad hours", email="lin.xiaomei@qinghe.example")
    await hours.desk.accept("In bad hours")
    await hours.desk.has_message("In bad hours")
    await hours.a_message_fails()
    await hours.the_line_goes_and_comes_back_behind(hours.desk.interaction_id())
    await hours.nothing_answers()
    await hours.the_session_ends()
    assert hours.examined.findings == []
