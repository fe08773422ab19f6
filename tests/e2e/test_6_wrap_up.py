"""Step 6: wrap-up with a disposition closes the matter, and it is on the timeline within a second, through Kafka."""

import re
from time import monotonic
from uuid import uuid4

from playwright.async_api import expect

from careline_local.demo.api import Json
from tests.e2e.conftest import OpenDesk
from tests.e2e.stack import ROUTER, Stack
from tests.e2e.waiting import eventually


async def test_closing_with_a_disposition_is_on_the_timeline_within_a_second(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"w{uuid4().hex[:8]}", wrap_up_seconds=600)
    desk = await open_desk(stack.hire("收尾", [queue], locale="zh-CN"))
    address = f"{uuid4().hex[:8]}@customers.example"
    matter = stack.open_matter(queue, subject="包装破损", email=address)
    await desk.accept("包装破损")

    # Nothing is closed without a result, and back is possible until it is.
    panel = await desk.wrap_up()
    # The clock is the queue's, as the server counts it.
    await expect(panel.locator("header")).to_contain_text(re.compile(r"(10:00|9:5\d)$"))
    await panel.get_by_role("button", name=desk.words("wrap_up.close")).click()
    await expect(panel.get_by_role("alert")).to_have_text(desk.words("wrap_up.code_missing"))
    await panel.get_by_role("button", name=desk.words("wrap_up.resume")).click()
    await expect(desk.composer).to_be_visible()
    # What a partner brought cannot be answered on its channel, so only notes are offered.
    kinds = desk.page.get_by_role("group", name=desk.words("composer.kind"))
    await expect(kinds.get_by_role("button", name=desk.words("composer.note"), exact=True)).to_be_visible()
    await expect(kinds.get_by_role("button", name=desk.words("composer.reply"), exact=True)).to_have_count(0)
    await desk.close_with("已解决", note="补发新包装")
    closed_at = monotonic()

    customer_id = stack.customer_id(address)

    def closed_entry() -> Json | None:
        entries = [entry for entry in stack.timeline(customer_id) if entry["kind"] == "partner"]
        assert len(entries) <= 1, "opened and closed are one entry"
        return entries[0] if entries and entries[0]["title_key"] == "timeline.partner.closed" else None

    entry = await eventually(closed_entry, seconds=1, what="the closed matter on the timeline")
    assert monotonic() - closed_at < 1
    assert entry["facts"]["disposition"] == "resolved"
    assert entry["facts"]["handle_seconds"] > 0
    await expect(desk.rows).to_have_count(0)
    await expect(desk.page.get_by_text(desk.words("inbox.empty"))).to_be_visible()

    state = stack.admin.request("GET", f"{ROUTER}/interactions/{matter['id']}")
    assert state.status_code in {200, 403, 404}, "only those with the right see it, and nobody gets an error"


async def test_the_next_contact_shows_what_was_agreed(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"w{uuid4().hex[:8]}")
    agent = stack.hire("Second Time", [queue])
    agent.go("available")
    address = f"{uuid4().hex[:8]}@customers.example"
    stack.open_matter(queue, subject="First", email=address)
    (offer,) = await eventually(agent.offers, seconds=5, what="the first offer")
    agent.close(agent.accept(offer), "refund_agreed")
    customer_id = stack.customer_id(address)
    await eventually(
        lambda: any(each["title_key"].endswith("closed") for each in stack.timeline(customer_id)),
        seconds=3,
        what="the first matter's end",
    )
    desk = await open_desk(agent)
    stack.open_matter(queue, subject="Second", email=address)
    await desk.accept("Second")
    # The partner's word does not prove who it is; the agent's check does.
    await expect(desk.pop).to_contain_text(desk.words("customer.masked"))
    await desk.pop.get_by_role("button", name=desk.words("customer.verify")).click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_role("button", name=desk.words("verify.confirm")).click()
    await expect(desk.pop).to_contain_text("Refund agreed")
