"""Step 4: a survey answered by its link on a telephone, and what the supervisor reads of it."""

from uuid import uuid4

from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.feedback import (
    answer_of,
    ask_everybody_at_once,
    closed_matter,
    invitation,
    new_customer,
    survey_link,
)
from tests.e2e.stack import Stack
from tests.e2e.test_page_for_everybody import AXE, Examined
from tests.e2e.words import Words

PHONE = {"viewport": {"width": 390, "height": 844}}


async def _invited(stack: Stack, name: str, *, language: str) -> tuple[str, str]:
    """Somebody whose matter was closed and who is asked about it: the invitation and its link."""
    ask_everybody_at_once(stack)
    queue = stack.put_queue(f"v{uuid4().hex[:8]}")
    agent = stack.hire("Closes It", [queue])
    agent.go("available")
    customer_id, address = new_customer(stack, name, language=language)
    await closed_matter(stack, agent, queue, address)
    asked = await invitation(stack, customer_id)
    return asked["id"], survey_link(stack, asked["id"])


async def _press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


async def test_a_survey_is_answered_by_its_link_with_the_keys_alone(stack: Stack, open_page: OpenPage) -> None:
    invitation_id, link = await _invited(stack, "林回访", language="zh-CN")
    # The reader's browser is English; the invitation is not.
    page = await open_page(locale="en", **PHONE)
    await page.add_init_script(path=AXE)
    examined = Examined(page)
    await page.goto(link)
    legend = page.locator("legend")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN", timeout=SOON_MS)
    await expect(legend).to_contain_text("第 1 题")
    await examined.look("first question")
    await _press(page, "5", "Enter")
    await expect(legend).to_contain_text("推荐", timeout=SOON_MS)
    # Zero is an answer, and leads where low ones lead.
    await _press(page, "0", "Enter")
    await expect(legend).to_contain_text("联系", timeout=SOON_MS)
    await examined.look("a choice")
    await page.get_by_label("不用", exact=True).check()
    await _press(page, "Enter")
    await expect(legend).to_contain_text("容易", timeout=SOON_MS)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing overflows sideways"
    await page.get_by_role("button", name="跳过", exact=True).click()
    await page.locator("textarea").fill("师傅很准时。")
    await examined.look("a text")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("heading", name="谢谢您！")).to_be_visible(timeout=SOON_MS)
    await examined.look("thanks")

    answer = answer_of(stack, invitation_id)
    assert answer["scores"] == {"csat": 5, "nps": 0}, "zero counts, what was skipped does not"
    assert answer["channel"] == "link"
    assert answer["answers"]["comment"] == "师傅很准时。"
    assert await page.context.cookies() == []
    assert await page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0

    await page.reload()
    await expect(page.get_by_role("heading", name="您已经回答过了")).to_be_visible(timeout=SOON_MS)
    await examined.look("answered already")
    assert examined.findings == []


async def test_a_link_that_is_not_ours_is_told_kindly(stack: Stack, open_page: OpenPage) -> None:
    page = await open_page(locale="en", **PHONE, color_scheme="dark")
    await page.add_init_script(path=AXE)
    examined = Examined(page)
    for token in ("", "short", "A" * 43):
        await page.goto(f"{stack.origin}/survey/#{token}")
        await expect(page.get_by_role("heading", name="This link does not work")).to_be_visible(timeout=SOON_MS)
    await examined.look("broken link")
    assert examined.findings == []


async def test_figures_say_how_sure_they_are_and_samples_why(stack: Stack, open_desk: OpenDesk) -> None:
    await _invited(stack, "Sampled Once", language="en")
    supervisor = stack.hire("Reads Figures", roles=["supervisor"])
    desk = await open_desk(supervisor, status=None)
    page, words = desk.page, desk.words
    await page.get_by_role("link", name=words("rail.surveys")).click()
    card = page.locator('[data-measure="csat"]')
    await expect(card).to_contain_text(words("survey.measure.csat"), timeout=SOON_MS)
    # Nearly nobody has answered in this system: the figure must not pretend otherwise.
    await expect(card).to_contain_text(words("survey.too_few", n="5"))
    await expect(card).to_contain_text("Wilson")
    await expect(page.get_by_text(words("survey.nothing_drawn", n="5"))).to_be_visible()
    samples = page.get_by_role("region", name=words("survey.samples"))
    row = samples.locator("tbody tr").first
    await expect(row).to_contain_text(words("survey.decision.sampled"))
    await row.get_by_role("button").click()
    await expect(row.get_by_role("status")).to_contain_text("the same decision", timeout=SOON_MS)


async def test_figures_for_everybody(stack: Stack, open_page: OpenPage) -> None:
    supervisor = stack.hire("看数字", roles=["supervisor"], locale="zh-CN")
    page = await open_page(locale="zh-CN", **PHONE)
    await page.add_init_script(path=AXE)
    await page.add_init_script(f"localStorage.setItem('careline:first-run:{supervisor.id}', 'done')")
    examined, desk = Examined(page), Desk(page, Words("zh-CN"), stack.origin)
    await desk.sign_in(supervisor)
    await page.get_by_role("link", name=desk.words("rail.surveys")).click()
    await expect(page.locator('[data-measure="nps"]')).to_be_visible(timeout=SOON_MS)
    await examined.look("figures")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390, "nothing overflows sideways"
    assert examined.findings == []
