"""What the page must bear: a very long inbox, and standing in the background for a long time."""

from time import time
from uuid import uuid4

from playwright.async_api import expect

from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.desk import Desk
from tests.e2e.long_inbox import fill_inbox, scroll_through
from tests.e2e.stack import Stack
from tests.e2e.waiting import eventually
from tests.e2e.words import Words

MOST_ROW_NODES = 40

# As a browser treats a page in the background at its strictest: it counts as hidden, is not painted, and each of its
# timers waits for the next full minute. The tests' Chromium has no window and hides no page by itself.
_BACKGROUND = """
window.rung = []
const start = OscillatorNode.prototype.start
OscillatorNode.prototype.start = function (...when) { window.rung.push(Date.now()); return start.apply(this, when) }
const later = window.setTimeout.bind(window)
let hidden = false
window.goToBackground = () => {
  hidden = true
  Object.defineProperty(document, 'hidden', { get: () => true })
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' })
  document.dispatchEvent(new Event('visibilitychange'))
}
const fullMinute = (delay) => Math.ceil((performance.now() + delay) / 60000) * 60000 - performance.now()
window.setTimeout = (work, delay = 0, ...more) => later(work, hidden ? fullMinute(delay) : delay, ...more)
const paint = window.requestAnimationFrame.bind(window)
window.requestAnimationFrame = (work) => (hidden ? 0 : paint(work))
"""


async def test_two_thousand_rows_keep_the_document_small(stack: Stack, open_page: OpenPage) -> None:
    queue = stack.put_queue(f"l{uuid4().hex[:8]}")
    agent = stack.hire("Long Inbox", [queue])
    agent.go("available")
    stack.open_matter(queue, subject="The one")
    (offer,) = await eventually(agent.offers, seconds=5, what="the offer")
    agent.accept(offer)
    page = await open_page(locale="en")
    await page.add_init_script(f"localStorage.setItem('careline:first-run:{agent.id}', 'done')")
    await fill_inbox(page)
    desk = Desk(page, Words("en"), stack.origin)
    await desk.sign_in(agent)
    await expect(desk.rows.first).to_be_visible()
    seen = await scroll_through(page)
    assert seen["nodes"] <= MOST_ROW_NODES
    assert seen["reached"] > 1_600, "the rows that are scrolled to are there"


async def test_an_offer_rings_within_two_seconds_on_a_page_in_the_background(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"h{uuid4().hex[:8]}")
    agent = stack.hire("In The Background", [queue])
    desk = await open_desk(agent, status=None)
    await desk.page.add_init_script(_BACKGROUND)
    await desk.page.add_init_script("localStorage.setItem('careline:sound-proven', 'true')")
    await desk.page.reload()
    await desk.is_live()
    # The first press of a visit also unlocks the sound.
    await desk.choose_presence("available")
    await desk.page.evaluate("window.goToBackground()")
    await desk.page.wait_for_timeout(5_000)

    asked_at = time() * 1000
    stack.open_matter(queue, subject="Anybody there")
    await expect(desk.offer("Anybody there")).to_be_attached(timeout=2_000)
    await desk.page.wait_for_function("window.rung.length > 0", timeout=2_000, polling=50)
    rung: list[float] = await desk.page.evaluate("window.rung")
    assert rung[0] - asked_at < 2_000
    assert (await desk.page.title()).startswith("(!)")
