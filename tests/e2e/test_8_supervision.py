"""Step 8: a plain list of queues, waiting times and agents, live, for the supervisor."""

from uuid import uuid4

from playwright.async_api import Locator, expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.stack import ROUTER, Stack

# The feed sends at most one picture a second.
LIVE_MS = 4_000


def _row(desk: Desk, section: str, text: str) -> Locator:
    region = desk.page.get_by_role("region", name=desk.words(f"supervision.{section}"), exact=True)
    return region.locator("tbody tr").filter(has_text=text)


async def test_supervisor_sees_queues_waiting_times_and_agents_live(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"s{uuid4().hex[:8]}")
    subject = f"Waits in {queue}"
    agent = stack.hire("Live Agent", [queue])
    supervisor = stack.hire("王主管", roles=["supervisor"], locale="zh-CN")
    desk = await open_desk(supervisor, status=None)
    await desk.page.get_by_role("link", name=desk.words("rail.supervision")).click()

    # Nobody is there: the work waits, and the list says how long and why.
    stack.open_matter(queue, subject=subject)
    own = _row(desk, "queues", f"Queue {queue}")
    await expect(own.locator("td").nth(0)).to_have_text("1", timeout=LIVE_MS)
    await expect(own.locator("td").nth(2)).to_have_text("0 / 1")
    await expect(own.locator("td").nth(3)).to_contain_text(desk.words("waiting_reason.nobody_available"))
    waiting = _row(desk, "who_waits", subject)
    await expect(waiting).to_contain_text(desk.words("waiting_reason.nobody_available"), timeout=LIVE_MS)
    # The picture of the same figures: drawn under the page's policy, and readable as a table.
    figure = desk.page.get_by_role("figure", name=desk.words("supervision.waiting_by_queue"))
    await expect(figure.locator("[data-drawn=true] canvas")).to_be_attached()
    await figure.get_by_text(desk.words("chart.as_table")).click()
    drawn = figure.get_by_role("row").filter(has_text=f"Queue {queue}")
    await expect(drawn.get_by_role("cell")).to_have_text("1")
    before = await own.locator("td").nth(1).text_content()
    await expect(own.locator("td").nth(1)).not_to_have_text(before or "", timeout=LIVE_MS)

    state = _row(desk, "agents", "Live Agent")
    await expect(state).to_contain_text(desk.words("presence.offline"))
    agent.go("available")
    await expect(state).to_contain_text(desk.words("presence.available"), timeout=LIVE_MS)
    agent.accept(agent.offers()[0])
    await expect(own.locator("td").nth(0)).to_have_text("0", timeout=LIVE_MS)
    await expect(waiting).to_have_count(0, timeout=LIVE_MS)
    await expect(state.locator("td").nth(2)).to_have_text("1 / 8", timeout=LIVE_MS)


def test_agents_do_not_see_the_supervisors_list(stack: Stack) -> None:
    agent = stack.hire("Curious")
    for path in ("supervision/snapshot", "supervision/waiting", "quarantine"):
        assert agent.api.request("GET", f"{ROUTER}/{path}").status_code == 403
