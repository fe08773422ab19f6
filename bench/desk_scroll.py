"""desk.scroll.jump_ms: how long a jump through an inbox of 2,000 rows keeps the page busy, on a machine 4 times slower.

The built page in a real Chromium scrolls through the whole inbox by jumps of 2,500 pixels, of which each is two
frames; measured is the processor time of the page's main thread, because the wall's time would measure what else runs
here. Five times through, after one that compiles the page's code; the figure is their median.
"""

from statistics import median

from playwright.async_api import CDPSession, Page, expect

from bench.desk_page import bench_stack, open_desk
from bench.rows import Figure
from careline_local.chromium import install
from careline_local.testing.browser import launched
from careline_local.testing.system import running_system
from tests.e2e.long_inbox import JUMPS, ROWS, fill_inbox, scroll_through
from tests.e2e.stack import Stack
from tests.e2e.waiting import eventually

IDS = ("desk.scroll.jump_ms",)
SLOWER = 4
TIMES = 5
QUEUE = "bench"


async def measure() -> list[Figure]:
    """One run."""
    with running_system(with_page=True) as system:
        stack = bench_stack(system, QUEUE)
        busy = await _scroll(stack)
        stack.admin.close()
        stack.partner.close()
    note = f"{ROWS} rows, {JUMPS} jumps, {TIMES} times: {', '.join(f'{each:.0f}' for each in busy)} ms a jump"
    return [Figure(IDS[0], median(busy), note=note)]


async def _scroll(stack: Stack) -> list[float]:
    agent = stack.hire("Long Inbox", [QUEUE])
    agent.go("available")
    stack.open_matter(QUEUE, subject="The one")
    (offer,) = await eventually(agent.offers, seconds=5, what="the offer")
    agent.accept(offer)
    async with launched(install()) as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900}, locale="en")
        await fill_inbox(page)
        desk = await open_desk(page, stack, agent, status=None)
        await expect(desk.rows.first).to_be_visible()
        await scroll_through(page)
        return [await _jump_ms(page) for _ in range(TIMES)]


async def _jump_ms(page: Page) -> float:
    """Mean processor time of the page's main thread for one jump, as on the slower machine."""
    devices = await page.context.new_cdp_session(page)
    await devices.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = await _busy_ms(devices)
    await scroll_through(page)
    used = await _busy_ms(devices) - before
    await devices.detach()
    return used / JUMPS * SLOWER


async def _busy_ms(devices: CDPSession) -> float:
    metrics = (await devices.send("Performance.getMetrics"))["metrics"]
    return next(float(each["value"]) for each in metrics if each["name"] == "TaskDuration") * 1000
