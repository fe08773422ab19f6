"""Every main state of the pages: no finding of axe at WCAG 2.2 AA. Violations of the policy fail any test here."""

import json
from typing import Any
from uuid import uuid4

from playwright.async_api import Page, expect

from careline_local import paths
from tests.e2e.conftest import OpenPage
from tests.e2e.desk import Desk
from tests.e2e.shop import Visitor
from tests.e2e.stack import Colleague, Stack
from tests.e2e.words import Words

AXE = paths.DESK / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = "levels => axe.run(document, {runOnly: {type: 'tag', values: levels}, resultTypes: ['violations']})"


class Examined:
    """A page that is looked at in one state after another."""

    def __init__(self, page: Page) -> None:
        """Take a page that has axe in it."""
        self.page = page
        self.findings: list[str] = []

    async def look(self, state: str) -> None:
        """Note what axe finds now."""
        found: Any = await self.page.evaluate(_RUN, LEVELS)
        for violation in found["violations"]:
            places = [json.dumps(node["target"], ensure_ascii=False) for node in violation["nodes"]]
            self.findings.append(f"{state}: {violation['id']} ({violation['impact']}) at {', '.join(places)}")


async def _examined(open_page: OpenPage, **options: object) -> Examined:
    page = await open_page(**options)
    # Before the page's own scripts and outside its policy, as a browser's extension would.
    await page.add_init_script(path=AXE)
    return Examined(page)


async def _desk(examined: Examined, stack: Stack, colleague: Colleague) -> Desk:
    await examined.page.add_init_script(f"localStorage.setItem('careline:first-run:{colleague.id}', 'done')")
    desk = Desk(examined.page, Words(colleague.locale), stack.origin)
    await desk.open()
    await expect(examined.page.locator("#password")).to_be_visible()
    await examined.look("sign-in")
    await desk.sign_in(colleague)
    return desk


async def test_the_desk_in_its_main_states(stack: Stack, open_page: OpenPage) -> None:
    queue = stack.put_queue(f"a{uuid4().hex[:8]}")
    examined = await _examined(open_page, locale="zh-CN")
    page = examined.page
    agent = stack.hire("无障碍", [queue], roles=["agent", "supervisor"], locale="zh-CN")
    desk = await _desk(examined, stack, agent)
    await expect(page.get_by_text(desk.words("inbox.empty"))).to_be_visible()
    await examined.look("empty inbox")
    await desk.choose_presence("available")
    stack.open_matter(queue, subject="For everybody", email="lin.xiaomei@qinghe.example")
    await expect(desk.offer("For everybody")).to_be_visible()
    await examined.look("offer")
    await desk.accept("For everybody")
    await desk.has_message("For everybody")
    await expect(desk.pop).to_contain_text("林小梅")
    await examined.look("conversation, claimed customer")
    await desk.pop.get_by_role("button", name=desk.words("customer.verify")).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await examined.look("verification")
    await page.get_by_role("dialog").get_by_role("button", name=desk.words("verify.confirm")).click()
    await expect(desk.pop).to_contain_text("空气净化器 A3")
    await examined.look("conversation, verified customer")
    await page.get_by_role("button", name=desk.words("why.open")).click()
    await expect(page.locator(".reason").first).to_be_visible()
    await examined.look("why me")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await examined.look("palette")
    await page.keyboard.press("Escape")
    await desk.wrap_up()
    await examined.look("wrap-up")
    await page.get_by_role("link", name=desk.words("rail.supervision")).click()
    await expect(page.get_by_role("heading", name=desk.words("supervision.agents"))).to_be_visible()
    await examined.look("supervision")
    await page.get_by_role("link", name=desk.words("rail.quarantine")).click()
    await expect(page.get_by_text(desk.words("quarantine.lead"))).to_be_visible()
    await examined.look("held mail")
    assert examined.findings == []


async def test_the_desk_on_a_telephone_in_the_dark(stack: Stack, open_page: OpenPage) -> None:
    queue = stack.put_queue(f"a{uuid4().hex[:8]}")
    small = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    examined = await _examined(open_page, locale="en", **small)
    desk = await _desk(examined, stack, stack.hire("On The Road", [queue]))
    await desk.choose_presence("available")
    stack.open_matter(queue, subject="Small page")
    await expect(desk.offer("Small page")).to_be_visible()
    await examined.look("offer")
    await desk.accept("Small page")
    await desk.has_message("Small page")
    await examined.look("conversation")
    assert await examined.page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing overflows sideways"
    assert examined.findings == []


async def test_the_shop_with_the_chat_window(stack: Stack, open_page: OpenPage) -> None:
    examined = await _examined(open_page, locale="en")
    visitor = Visitor(examined.page, "en", stack.origin)
    await visitor.come()
    await examined.look("window")
    await visitor.say("Is somebody there?")
    await visitor.sees("Is somebody there?")
    await visitor.sees_state(visitor.word("next"))
    await examined.look("waiting")
    await visitor.panel.get_by_role("button", name=visitor.word("phone"), exact=True).click()
    await expect(visitor.panel.locator("#phone")).to_be_visible()
    await examined.look("phone number")
    assert examined.findings == []
