"""Step 8: people, departments and leaving, for administrators."""

from uuid import uuid4

from playwright.async_api import Page, expect

from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.stack import DIRECTORY, Stack
from tests.e2e.test_page_for_everybody import AXE, Examined
from tests.e2e.words import Words

PHONE = {"viewport": {"width": 390, "height": 844}}
LEAVING_MS = 20_000


async def _people(desk: Desk) -> Page:
    await desk.page.evaluate("location.hash = '#/people'")
    await expect(desk.page.locator("[data-person-state]").first).to_be_visible(timeout=SOON_MS)
    return desk.page


async def test_somebody_leaves_and_everybody_hands_over(stack: Stack, open_desk: OpenDesk) -> None:
    name, heir = f"Leaver {uuid4().hex[:6]}", f"Heir {uuid4().hex[:6]}"
    leaver, successor = stack.hire(name), stack.hire(heir)
    desk = await open_desk(stack.hire("Admin Of All", roles=["agent", "admin"]), status=None)
    page = await _people(desk)
    await page.get_by_role("button", name=f"{desk.words('people.leave')} {name}").click()
    dialog = page.get_by_role("dialog")
    # Nobody is let go without somebody who takes over; whoever leaves is not offered.
    await dialog.get_by_role("button", name=desk.words("people.confirm", name=name)).click()
    await expect(dialog).to_be_visible()
    choices = dialog.get_by_label(desk.words("people.successor"), exact=True)
    assert name not in await choices.inner_text()
    await choices.select_option(label=heir)
    await dialog.get_by_label(desk.words("people.note")).fill("Call Mrs Wang on Fridays.")
    await dialog.get_by_role("button", name=desk.words("people.confirm", name=name)).click()

    await expect(dialog).to_be_hidden(timeout=SOON_MS)
    stack.forget(leaver)

    leaving = page.locator(f'[data-leaving="{leaver.id}"]')
    await expect(leaving).to_contain_text(heir, timeout=SOON_MS)
    await expect(leaving).to_contain_text("Call Mrs Wang on Fridays.")
    await expect(leaving.locator('[data-done="true"]')).to_have_count(3, timeout=LEAVING_MS)
    await expect(leaving).to_have_attribute("data-state", "left", timeout=LEAVING_MS)
    row = page.get_by_role("row").filter(has_text=name)
    await expect(row.locator('[data-person-state="left"]')).to_be_visible(timeout=SOON_MS)
    assert stack.admin.get(f"{DIRECTORY}/people/{leaver.id}")["state"] == "left"
    assert stack.admin.get(f"{DIRECTORY}/people/{successor.id}")["state"] == "active"


async def test_business_time_is_shown_only_where_it_can_be_moved(stack: Stack, open_desk: OpenDesk) -> None:
    desk = await open_desk(stack.hire("Clock Keeper", roles=["agent", "admin"]), status=None)
    page = await _people(desk)
    panel = page.locator('[data-part="business-time"]')
    await expect(panel.locator('[data-part="warning"]')).to_have_text(desk.words("people.time.warning"))
    await panel.get_by_role("button", name=desk.words("people.time.advance")).click()
    await expect(page.get_by_role("dialog")).to_contain_text(desk.words("people.time.warning"))
    before = stack.admin.get(f"{DIRECTORY}/business-time")["offset_seconds"]
    # Enter on the button that has the focus goes no further: it is the one that goes back.
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert stack.admin.get(f"{DIRECTORY}/business-time")["offset_seconds"] == before

    fixed = {"now": "2026-11-23T02:00:00Z", "offset_seconds": 0, "movable": False}
    await page.route("**/v1/business-time", lambda route: route.fulfill(json=fixed))
    await page.reload()
    await expect(page.locator("[data-person-state]").first).to_be_visible(timeout=SOON_MS)
    await expect(page.locator("[data-calendar]").first).to_be_visible(timeout=SOON_MS)
    await expect(panel).to_have_count(0)


async def test_people_are_for_administrators_only(stack: Stack, open_desk: OpenDesk) -> None:
    desk = await open_desk(stack.hire("Curious"), status=None)
    await expect(desk.page.get_by_role("link", name=desk.words("rail.people"))).to_have_count(0)
    await desk.page.evaluate("location.hash = '#/people'")
    await expect(desk.page.get_by_text(desk.words("inbox.empty"))).to_be_visible(timeout=SOON_MS)
    await expect(desk.page.locator("[data-person-state]")).to_have_count(0)


async def test_people_are_for_everybody_to_read(stack: Stack, open_page: OpenPage) -> None:
    for locale, options in (("zh-CN", {}), ("en", {**PHONE, "color_scheme": "dark"})):
        page = await open_page(locale=locale, **options)
        await page.add_init_script(path=AXE)
        admin = stack.hire("管理", roles=["agent", "admin"], locale=locale)
        other = stack.hire(f"Other {uuid4().hex[:6]}")
        await page.add_init_script(f"localStorage.setItem('careline:first-run:{admin.id}', 'done')")
        desk = Desk(page, Words(locale), stack.origin)
        await desk.sign_in(admin)
        examined = Examined(page)
        await _people(desk)
        await expect(page.locator("[data-calendar]").first).to_be_visible(timeout=SOON_MS)
        await examined.look("people")
        main = page.locator("main")
        assert await main.evaluate("main => main.scrollWidth <= main.clientWidth"), "nothing overflows sideways"
        await page.get_by_role("button", name=f"{desk.words('people.leave')} {other.name}").click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await examined.look("leaving")
        assert examined.findings == []
