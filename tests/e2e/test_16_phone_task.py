"""Step 4 on the phone: a customer is called, the agent asks by the script, and every try has its disposition."""

import re
from uuid import uuid4

from playwright.async_api import expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.feedback import (
    CARE_SECONDS,
    FEEDBACK,
    answer_of,
    ask_everybody_at_once,
    closed_matter,
    invitation,
    new_customer,
    tier_that_is_called,
)
from tests.e2e.stack import Stack
from tests.e2e.test_page_for_everybody import AXE, Examined

CALL_SKILL = "phone_care"


async def _call(stack: Stack, open_desk: OpenDesk, name: str) -> tuple[Desk, str]:
    """A desk on which the call about a closed matter is open, and the invitation that it is about."""
    ask_everybody_at_once(stack)
    queue = stack.put_queue(f"p{uuid4().hex[:8]}")
    closer = stack.hire("Closes It", [queue])
    closer.go("available")
    customer_id, address = new_customer(stack, name, language="en", tier=tier_that_is_called(stack))
    await closed_matter(stack, closer, queue, address)
    asked = await invitation(stack, customer_id)
    caller = stack.hire("Makes Calls", [CALL_SKILL])
    desk = await open_desk(caller)
    await expect(desk.offer(name)).to_be_visible(timeout=CARE_SECONDS * 1000)
    await desk.accept(name)
    await expect(desk.page.locator('[data-part="phone-task"]')).to_be_visible(timeout=SOON_MS)
    return desk, asked["id"]


async def test_a_survey_is_asked_on_the_phone_by_keyboard(stack: Stack, open_desk: OpenDesk) -> None:
    desk, invitation_id = await _call(stack, open_desk, "Gold Caller")
    page, words = desk.page, desk.words
    panel = page.locator('[data-part="phone-task"]')
    asked = panel.locator("[data-question]")
    await expect(asked).to_be_visible(timeout=SOON_MS)
    await page.evaluate(AXE.read_text())
    examined = Examined(page)
    await examined.look("first question")
    await expect(panel.locator('[data-part="script"]')).to_contain_text("am I speaking with Gold Caller?")
    first = await asked.get_attribute("data-question")
    await page.keyboard.press("4")
    await page.keyboard.press("Enter")
    await expect(asked).not_to_have_attribute("data-question", first or "", timeout=SOON_MS)
    # One and zero make ten, so the question about a contact is not asked.
    await page.keyboard.press("1")
    await page.keyboard.press("0")
    await page.keyboard.press("Enter")
    await expect(asked).to_have_attribute("data-question", "effort", timeout=SOON_MS)
    await page.keyboard.press("7")
    await page.keyboard.press("Enter")
    await panel.get_by_label(re.compile("tell us")).fill("All well.")
    await page.keyboard.press("Control+Enter")
    await expect(panel.get_by_text(words("task.all_asked"))).to_be_visible(timeout=SOON_MS)
    await examined.look("all asked")
    await page.keyboard.press("Enter")
    await expect(panel).to_be_hidden(timeout=SOON_MS)
    answer = answer_of(stack, invitation_id)
    assert answer["scores"] == {"csat": 4, "nps": 10, "ces": 7}
    assert answer["channel"] == "phone"
    tries = stack.admin.get(f"{FEEDBACK}/invitations/{invitation_id}")["attempts"]
    assert [each["disposition"] for each in tries] == ["I"]
    assert examined.findings == []


async def test_nobody_answers_and_the_try_is_kept(stack: Stack, open_desk: OpenDesk) -> None:
    desk, invitation_id = await _call(stack, open_desk, "Gold Absent")
    panel = desk.page.locator('[data-part="phone-task"]')
    button = panel.get_by_role("button", name=re.compile(f"^{desk.words('task.outcome.no_answer')}"))
    await button.click()
    await expect(panel).to_be_hidden(timeout=SOON_MS)
    known = stack.admin.get(f"{FEEDBACK}/invitations/{invitation_id}")
    assert [each["disposition"] for each in known["attempts"]] == ["NC"]
    assert known["answer"] is None
