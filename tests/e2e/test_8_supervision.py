"""Step 8: a plain list of queues, waiting times and agents, live, for the supervisor."""

from uuid import uuid4

from playwright.async_api import Locator, expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.stack import ROUTER, Stack
from tests.e2e.waiting import eventually

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
    (offer,) = await eventually(agent.offers, seconds=5, what="the offer")
    agent.accept(offer)
    await expect(own.locator("td").nth(0)).to_have_text("0", timeout=LIVE_MS)
    await expect(waiting).to_have_count(0, timeout=LIVE_MS)
    await expect(state.locator("td").nth(2)).to_have_text("1 / 8", timeout=LIVE_MS)


async def test_a_supervisor_finishes_what_an_agent_left_lying(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"s{uuid4().hex[:8]}", wrap_up_seconds=0)
    subject = f"Left in {queue}"
    agent = stack.hire("Left Early", [queue])
    agent.go("available")
    matter = stack.open_matter(queue, subject=subject)
    (offer,) = await eventually(agent.offers, seconds=5, what="the offer")
    agent.api.post(f"{ROUTER}/interactions/{agent.accept(offer)}/wrap-up", {})

    supervisor = stack.hire("王主管", roles=["supervisor"], locale="zh-CN")
    desk = await open_desk(supervisor, status=None)
    await desk.page.get_by_role("link", name=desk.words("rail.supervision")).click()
    left = _row(desk, "unfinished", subject)
    await expect(left).to_contain_text("Left Early", timeout=LIVE_MS)
    await left.get_by_role("button", name=desk.words("supervision.finish")).click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_role("button", name=desk.words("wrap_up.close")).click()
    await expect(dialog.get_by_role("alert")).to_have_text(desk.words("wrap_up.code_missing"))
    await dialog.get_by_label(desk.words("wrap_up.code")).select_option(label="已解决")
    await dialog.get_by_role("button", name=desk.words("wrap_up.close")).click()
    await expect(left).to_have_count(0, timeout=LIVE_MS)
    closed = supervisor.api.get(f"{ROUTER}/interactions/{matter['id']}")
    assert (closed["state"], closed["disposition"], closed["agent"]["name"]) == ("closed", "resolved", "Left Early")


def test_agents_do_not_see_the_supervisors_list(stack: Stack) -> None:
    agent = stack.hire("Curious")
    for path in ("supervision/snapshot", "supervision/waiting", "supervision/unfinished", "quarantine"):
        assert agent.api.request("GET", f"{ROUTER}/{path}").status_code == 403
