"""Step 6: the wall board, live and with the word; its big form names nobody."""

import re
from uuid import uuid4

from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.stack import Stack
from tests.e2e.test_page_for_everybody import AXE, Examined
from tests.e2e.words import Words

PHONE = {"viewport": {"width": 390, "height": 844}}
# The feed sends at most one picture a second.
LIVE_MS = 4_000
STALE_MS = 14_000


def _tile(page: Page, queue: str) -> Locator:
    return page.locator(f'[data-queue="Queue {queue}"]')


async def _board(desk: Desk, address: str = "/board") -> Page:
    await desk.page.evaluate("address => { location.hash = `#${address}` }", address)
    await expect(desk.page.locator("[data-board-feed]")).to_be_visible(timeout=SOON_MS)
    return desk.page


async def test_the_board_is_live_and_shows_the_worst_first(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"b{uuid4().hex[:8]}")
    stack.hire("Not Here", [queue])
    desk = await open_desk(stack.hire("王主管", roles=["supervisor"], locale="zh-CN"), status=None)
    await desk.page.keyboard.press("g")
    await desk.page.keyboard.press("b")
    page = desk.page
    await expect(page.locator('[data-board-feed="live"]')).to_be_visible(timeout=SOON_MS)
    tile = _tile(page, queue)
    await expect(tile.locator('[data-part="word"]')).to_have_text(desk.words("board.tile.calm"))

    stack.open_matter(queue, subject="Waits")
    await expect(tile.locator('[data-part="waiting"]')).to_have_text("1", timeout=LIVE_MS)
    # By its word, not only by its colour; and before all queues in which nobody waits.
    await expect(tile.locator('[data-part="word"]')).to_have_text(desk.words("board.tile.unstaffed"), timeout=SOON_MS)
    await expect(page.locator("[data-queue]").first).to_have_attribute("data-queue", f"Queue {queue}")
    before = await tile.locator('[data-part="longest"]').text_content()
    await expect(tile.locator('[data-part="longest"]')).not_to_have_text(before or "", timeout=LIVE_MS)
    figure = page.get_by_role("figure", name=desk.words("board.last_hours"))
    await expect(figure.locator("[data-drawn=true] canvas")).to_be_attached(timeout=SOON_MS)
    await figure.get_by_text(desk.words("chart.as_table")).click()
    await expect(figure.get_by_role("columnheader", name=desk.words("board.offered"))).to_be_visible()
    await expect(page.locator('[data-care="planned"]')).to_be_visible()


async def test_the_big_form_has_no_names_and_no_frame(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"b{uuid4().hex[:8]}")
    present = stack.hire("Visible Agent", [queue])
    present.go("available")
    desk = await open_desk(stack.hire("Wall Boss", [queue], roles=["supervisor"]), status=None)
    page = await _board(desk)
    await expect(page.locator(f'[data-agent="{present.id}"]')).to_contain_text("Visible Agent", timeout=SOON_MS)
    await page.get_by_role("link", name=desk.words("board.big")).click()
    await expect(page.get_by_role("navigation", name=desk.words("rail.label"))).to_have_count(0)
    await expect(_tile(page, queue)).to_be_visible()
    assert not re.search("Visible Agent|Wall Boss", await page.content())
    await page.locator("main").press("Escape")
    await expect(page.get_by_role("navigation", name=desk.words("rail.label"))).to_be_visible()


async def test_the_board_says_when_its_figures_are_old(stack: Stack, open_desk: OpenDesk) -> None:
    desk = await open_desk(stack.hire("Patient", roles=["agent"]), status=None)
    page = await _board(desk)
    # An agent sees the board too, without the supervisor's line: it is asked for.
    await expect(page.locator('[data-board-feed="polled"]')).to_be_visible()
    await expect(page.locator('[data-part="as-of"]')).to_be_visible(timeout=SOON_MS)
    await expect(page.locator('[data-part="stale"]')).to_have_count(0)
    await page.route("**/wall-board", lambda route: route.abort())
    await expect(page.locator('[data-part="stale"]')).to_be_visible(timeout=STALE_MS)
    await page.unroute("**/wall-board")
    await expect(page.locator('[data-part="stale"]')).to_have_count(0, timeout=STALE_MS)


async def test_the_board_is_for_everybody(stack: Stack, open_page: OpenPage) -> None:
    for locale, options in (("zh-CN", {}), ("en", {**PHONE, "color_scheme": "dark"})):
        page = await open_page(locale=locale, **options)
        await page.add_init_script(path=AXE)
        boss = stack.hire("无障碍", roles=["agent", "supervisor"], locale=locale)
        await page.add_init_script(f"localStorage.setItem('careline:first-run:{boss.id}', 'done')")
        desk = Desk(page, Words(locale), stack.origin)
        await desk.sign_in(boss)
        examined = Examined(page)
        await _board(desk)
        await expect(page.locator('[data-care="planned"]')).to_be_visible(timeout=SOON_MS)
        await examined.look("board")
        main = page.locator("main")
        assert await main.evaluate("main => main.scrollWidth <= main.clientWidth"), "nothing overflows sideways"
        await _board(desk, "/board?big")
        await examined.look("big board")
        assert examined.findings == []
