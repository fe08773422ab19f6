"""Business time is moved on the page of people: with a warning, once, and never back."""

from datetime import datetime, timedelta

from playwright.async_api import Browser, expect

from tests.circle.world import BUSINESS_TIME, World
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.words import Words


async def test_an_administrator_moves_business_time_forward(world: World, browser: Browser) -> None:
    stack = world.stack
    admin = stack.hire("Clock Keeper", roles=["agent", "admin"])
    before = datetime.fromisoformat(stack.admin.get(BUSINESS_TIME)["now"])
    context = await browser.new_context(locale="en", reduced_motion="reduce")
    try:
        page = await context.new_page()
        await page.add_init_script(f"localStorage.setItem('careline:first-run:{admin.id}', 'done')")
        desk = Desk(page, Words("en"), stack.origin)
        await desk.sign_in(admin)
        await page.evaluate("location.hash = '#/people'")
        panel = page.locator('[data-part="business-time"]')
        await panel.get_by_label(desk.words("people.time.by")).fill("3")
        await panel.get_by_label(desk.words("people.time.unit")).select_option("hours")
        await panel.get_by_role("button", name=desk.words("people.time.advance")).click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text(desk.words("people.time.warning"))
        await dialog.get_by_role("button", name=desk.words("people.time.sure")).click()
        await expect(dialog).to_be_hidden(timeout=SOON_MS)
        after = datetime.fromisoformat(stack.admin.get(BUSINESS_TIME)["now"])
        assert timedelta(hours=3) <= after - before < timedelta(hours=3, minutes=2)
    finally:
        await context.close()
