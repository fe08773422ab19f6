"""Step 5: a complaint recorded in two presses, handed over, answered and closed; and the form that anybody fills in."""

import re
from uuid import uuid4

from playwright.async_api import Locator, Page, expect

from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.feedback import FEEDBACK, department, move_to
from tests.e2e.stack import Colleague, Stack
from tests.e2e.test_page_for_everybody import AXE, Examined
from tests.e2e.waiting import eventually
from tests.e2e.words import Words

PHONE = {"viewport": {"width": 390, "height": 844}}


def _step(page: Page, name: str) -> Locator:
    return page.locator(f'[data-step="{name}"]')


async def _open(desk: Desk, number: str, view: str = "mine") -> None:
    await desk.page.evaluate("view => { location.hash = `#/complaints?view=${view}` }", view)
    await desk.page.locator("[data-complaint]").filter(has_text=number).click()
    await expect(desk.page.locator(f'[data-complaint-open="{number}"]')).to_be_visible(timeout=SOON_MS)


def _recorded(agent: Colleague, text: str) -> str:
    """A complaint of somebody who is no customer here; its number."""
    body = {"kind": "product", "contact": "+86 138 0013 8000", "text": text}
    key = {"Idempotency-Key": uuid4().hex}
    return str(agent.api.send("POST", f"{FEEDBACK}/complaints", json=body, headers=key)["number"])


async def test_two_presses_record_a_complaint(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"c{uuid4().hex[:8]}")
    agent = stack.hire("Hears It", [queue])
    await move_to(stack, agent, "customer_service")
    desk = await open_desk(agent)
    stack.open_matter(queue, subject="Broken kettle")
    await desk.accept("Broken kettle")
    interaction_id = desk.interaction_id()

    await desk.page.locator('[data-part="complaint-button"]').click()
    menu = desk.page.get_by_role("menu")
    await menu.get_by_role("menuitem", name=re.compile(f"^{desk.words('complaint.kind.product')}")).click()
    await expect(desk.page.locator('[data-part="complaint-button"]')).to_contain_text("C-", timeout=SOON_MS)

    found = agent.api.get(f"{FEEDBACK}/complaints", interaction_id=interaction_id)["items"]
    assert [(each["kind"], each["source"], each["owner_id"]) for each in found] == [("product", "agent", agent.id)]
    assert found[0]["next_deadline_at"], "it has a deadline at once"
    complaint = agent.api.get(f"{FEEDBACK}/complaints/{found[0]['id']}")
    assert complaint["customer_id"] is None, "nobody has checked who it is"
    await desk.pop.get_by_role("button", name=desk.words("customer.verify")).click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_role("button", name=desk.words("verify.confirm")).click()
    path = f"{FEEDBACK}/complaints/{found[0]['id']}"
    await eventually(lambda: agent.api.get(path)["customer_id"], seconds=5, what="the customer of the complaint")

    await desk.page.locator('[data-part="complaint-button"]').click()
    shown = desk.page.get_by_role("menuitem", name=desk.words("complaint.show_number", number=complaint["number"]))
    await shown.click()
    await expect(desk.page.locator(f'[data-complaint-open="{complaint["number"]}"]')).to_be_visible(timeout=SOON_MS)
    await desk.page.get_by_label(desk.words("complaint.note"), exact=True).fill("It leaks at the lid.")
    await desk.page.keyboard.press("Control+Enter")
    history = desk.page.get_by_role("list", name=desk.words("complaint.history"))
    await expect(history.get_by_text("It leaks at the lid.")).to_be_visible(timeout=SOON_MS)


async def test_a_complaint_goes_to_purchasing_and_to_its_end(stack: Stack, open_desk: OpenDesk) -> None:
    giver = stack.hire("Gives It", roles=["agent"])
    taker = stack.hire("采购员", roles=["agent"], locale="zh-CN")
    await move_to(stack, giver, "customer_service")
    await move_to(stack, taker, "purchasing")
    number = _recorded(giver, "The supplier sends the wrong lid.")
    purchasing = department(stack, "purchasing")
    desk = await open_desk(giver, status=None)
    words = desk.words
    await _open(desk, number)

    async def offer(note: str) -> None:
        await desk.page.get_by_role("button", name=words("complaint.hand_over"), exact=True).click()
        dialog = desk.page.get_by_role("dialog")
        await dialog.get_by_label(words("complaint.department"), exact=True).select_option(purchasing["id"])
        await dialog.get_by_label(words("complaint.handover.note"), exact=True).fill(note)
        await dialog.get_by_role("button", name=words("complaint.handover.confirm"), exact=True).click()
        await expect(desk.page.locator('[data-part="handover-offer"]')).to_contain_text(note, timeout=SOON_MS)

    async def answer(button: str) -> Desk:
        await _open(other, number, "offered")
        bar = other.page.locator('[data-part="handover-offer"]')
        await bar.get_by_role("button", name=other.words(button), exact=True).click()
        return other

    await offer("Wrong lid, please ask the supplier.")
    # The giver answers for it until somebody says yes.
    await expect(desk.page.locator('[data-part="owner"]')).to_have_text("Gives It")
    other = await open_desk(taker, status=None)
    await answer("complaint.offer.bounce")
    dialog = other.page.get_by_role("dialog")
    await dialog.get_by_label(other.words("complaint.reason"), exact=True).fill("没有写明订单号。")
    await dialog.get_by_role("button", name=other.words("complaint.bounce.confirm"), exact=True).click()
    await expect(other.page.get_by_text(other.words("complaint.gone"))).to_be_visible(timeout=SOON_MS)

    await desk.page.reload()
    await expect(desk.page.get_by_text("没有写明订单号。").first).to_be_visible(timeout=SOON_MS)
    await offer("Order 4711, wrong lid.")
    await answer("complaint.offer.accept")
    await expect(other.page.locator('[data-part="owner"]')).to_have_text("采购员", timeout=SOON_MS)
    await expect(other.page.locator('[data-part="giver"]')).to_have_text("Gives It")

    await _to_its_end(other)
    await _open_given(desk, number)


async def _to_its_end(desk: Desk) -> None:
    page, words = desk.page, desk.words
    for missing in ("cause_code", "decision", "reply_text", "customer_word"):
        await expect(page.locator('[data-part="missing"]')).to_contain_text(words(f"complaint.missing.{missing}"))
    await _step(page, "acknowledgement").get_by_role("button", name=words("complaint.acknowledge")).click()
    await expect(_step(page, "acknowledgement")).to_have_attribute("data-done", "true", timeout=SOON_MS)
    await page.get_by_label(words("complaint.cause_label"), exact=True).select_option("supplier")
    await page.get_by_role("button", name=words("complaint.save_cause"), exact=True).click()
    await page.get_by_label(words("complaint.decision.upheld"), exact=True).check()
    await page.get_by_label(words("complaint.redress_label"), exact=True).select_option("refund")
    await page.get_by_label(words("complaint.amount"), exact=True).fill("49,90")
    await page.get_by_role("button", name=words("complaint.save_decision"), exact=True).click()
    await expect(_step(page, "decision")).to_contain_text("49.90", timeout=SOON_MS)
    await page.get_by_label(words("complaint.reply_label"), exact=True).fill("您会收到新盖子和退款。")
    await page.keyboard.press("Control+Enter")
    await page.get_by_label(words("complaint.word.accepted"), exact=True).check(timeout=SOON_MS)
    await page.get_by_role("button", name=words("complaint.save_word"), exact=True).click()
    await page.get_by_role("button", name=words("complaint.close"), exact=True).click()
    await expect(page.locator('[data-complaint-open][data-state="closed"]')).to_be_visible(timeout=SOON_MS)


async def _open_given(desk: Desk, number: str) -> None:
    """Whoever gave it away still sees how it ended."""
    await desk.page.evaluate("() => { location.hash = '#/complaints?view=given' }")
    await desk.page.get_by_label(desk.words("complaint.with_closed"), exact=True).check()
    row = desk.page.locator("[data-complaint]").filter(has_text=number)
    await expect(row).to_contain_text(desk.words("complaint.state.closed"), timeout=SOON_MS)


async def test_complaint_pages_for_everybody(stack: Stack, open_page: OpenPage) -> None:
    supervisor = stack.hire("王督导", roles=["supervisor"], locale="zh-CN")
    await move_to(stack, supervisor, "customer_service")
    number = _recorded(supervisor, "三天没有人回电话。")
    page = await open_page(locale="zh-CN", **PHONE, color_scheme="dark")
    await page.add_init_script(path=AXE)
    await page.add_init_script(f"localStorage.setItem('careline:first-run:{supervisor.id}', 'done')")
    examined, desk = Examined(page), Desk(page, Words("zh-CN"), stack.origin)
    await desk.sign_in(supervisor)
    await page.get_by_role("link", name=desk.words("rail.complaints")).click()
    await expect(page.locator("[data-complaint]").filter(has_text=number)).to_be_visible(timeout=SOON_MS)
    await examined.look("list")
    await _open(desk, number)
    await expect(page.get_by_text("三天没有人回电话。")).to_be_visible()
    await examined.look("complaint")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing overflows sideways"
    await page.get_by_role("button", name=desk.words("complaint.hand_over"), exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await examined.look("hand-over")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=desk.words("complaint.reassign"), exact=True).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await examined.look("another owner")
    assert examined.findings == []


async def test_anybody_complains_by_the_form(stack: Stack, open_page: OpenPage) -> None:
    page = await open_page(locale="zh-CN", **PHONE)
    await page.add_init_script(path=AXE)
    examined = Examined(page)
    await page.goto(f"{stack.origin}/complaint/")
    await expect(page.get_by_role("heading", name="向我们投诉")).to_be_visible()
    await examined.look("form")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", name="Make a complaint")).to_be_visible()
    await page.get_by_role("button", name="Send", exact=True).click()
    await expect(page.get_by_role("alert")).to_have_text("Please fill in all three.")
    await examined.look("something is missing")
    # By the keys alone, from the first choice on, where the focus stands now.
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await page.keyboard.type("lin.xiaomei@qinghe.example")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Three days late, and the box was open.")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="We have your complaint")).to_be_visible(timeout=SOON_MS)
    number = await page.locator(".number").text_content()
    await examined.look("receipt")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing overflows sideways"
    assert await page.context.cookies() == []
    supervisor = stack.hire("Sees All", roles=["supervisor"])
    everything = supervisor.api.get(f"{FEEDBACK}/complaints", view="all", limit=100)["items"]
    (mine,) = [each for each in everything if each["number"] == number]
    assert (mine["kind"], mine["source"], mine["state"]) == ("delivery", "web", "open")
    assert examined.findings == []
