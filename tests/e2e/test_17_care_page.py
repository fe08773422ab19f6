"""Step 7: care as a care manager sees and changes it."""

from uuid import uuid4

from playwright.async_api import Page, expect

from careline_local.demo.api import Json
from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.desk import SOON_MS, Desk
from tests.e2e.stack import PROFILE, Colleague, Stack
from tests.e2e.test_page_for_everybody import AXE, Examined
from tests.e2e.waiting import eventually
from tests.e2e.words import Words

CARE = "/api/care/v1"
CELL = "gold/three_months"
PHONE = {"viewport": {"width": 390, "height": 844}}


def _manager(stack: Stack, locale: str = "en") -> Colleague:
    return stack.hire("关怀", roles=["agent", "care_manager"], locale=locale)


async def _care(desk: Desk, part: str) -> Page:
    await desk.page.evaluate("part => { location.hash = `#/care/${part}` }", part)
    await expect(desk.page.get_by_role("main", name=desk.words("rail.care"))).to_be_visible(timeout=SOON_MS)
    return desk.page


def _cell(stack: Stack) -> dict[str, object]:
    cells = stack.admin.get(f"{CARE}/matrix")["items"]
    return next(cell for cell in cells if f"{cell['tier']}/{cell['occasion']}" == CELL)


async def test_a_cell_is_changed_and_a_faster_colleague_is_not_overwritten_unseen(
    stack: Stack, open_desk: OpenDesk
) -> None:
    desk = await open_desk(_manager(stack), status=None)
    page = await _care(desk, "matrix")
    before = _cell(stack)
    cell = page.locator(f'[data-cell="{CELL}"]')
    await cell.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label(desk.words("care.matrix.means")).select_option("card")

    theirs = {"means": "mail", "template_key": before["template_key"], "priority": 61}
    stack.admin.send("PUT", f"{CARE}/matrix/{CELL}", json=theirs, headers={"If-Match": f'"{before["version"]}"'})
    await dialog.get_by_role("button", name=desk.words("care.save")).click()
    await expect(dialog.locator('[data-part="conflict"]')).to_contain_text(desk.words("means.mail"), timeout=SOON_MS)
    # What she had chosen is still there, and nothing of it was saved.
    await expect(dialog.get_by_label(desk.words("care.matrix.means"))).to_have_value("card")
    assert (_cell(stack)["means"], _cell(stack)["priority"]) == ("mail", 61)

    await dialog.get_by_role("button", name=desk.words("care.save")).click()
    await expect(dialog).to_be_hidden(timeout=SOON_MS)
    await expect(cell).to_contain_text(desk.words("means.card"))
    assert _cell(stack)["means"] == "card"


async def test_a_template_that_would_leave_a_hole_is_refused_at_its_field(stack: Stack, open_desk: OpenDesk) -> None:
    desk = await open_desk(_manager(stack, "zh-CN"), status=None)
    key = f"t{uuid4().hex[:8]}"
    page = await _care(desk, f"templates/{key}")
    await page.get_by_label(desk.words("care.templates.subject")).fill("您好")
    await page.get_by_label(desk.words("care.templates.text"), exact=True).fill("尊敬的{{ customer.name }}：您好。")
    await page.get_by_role("button", name=desk.words("care.save")).click()
    await expect(page.locator("#fault-text")).to_contain_text("customer.name", timeout=SOON_MS)
    await expect(page.locator("#fault-subject")).to_have_count(0)
    assert stack.admin.request("GET", f"{CARE}/templates/{key}").status_code == 404

    text = page.get_by_label(desk.words("care.templates.text"), exact=True)
    await text.fill("尊敬的{{ customer.name | default: '顾客' }}：您好。")
    await page.get_by_role("button", name=desk.words("care.templates.show"), exact=True).click()
    await expect(page.locator('[data-part="preview"]')).to_contain_text("尊敬的李雷：您好。", timeout=SOON_MS)
    await page.get_by_role("button", name=desk.words("care.save")).click()
    await expect(page.get_by_text(desk.words("care.templates.unsaved"))).to_have_count(0, timeout=SOON_MS)
    assert stack.admin.get(f"{CARE}/templates/{key}")["version"] == 1


async def test_why_not_is_said_in_words(stack: Stack, open_desk: OpenDesk) -> None:
    # Somebody whose birthday is today and who never agreed to marketing.
    address = f"{uuid4().hex[:10]}@customers.example"
    today = stack.admin.get(f"{CARE}/today")["day"]
    _, month, day = (int(part) for part in today.split("-"))
    customer = stack.admin.post(
        f"{PROFILE}/customers",
        {
            "name": "何小满",
            "language": "zh-CN",
            "birthday": {"calendar": "solar", "year": 1990, "month": month, "day": day, "leap_month": False},
            "identifiers": [{"type": "email", "value": address, "verified": True}],
        },
        key=uuid4().hex,
    )

    def planned() -> list[Json]:
        return list(stack.admin.get(f"{CARE}/care-items", customer_id=customer["id"])["items"])

    (item, *_) = await eventually(planned, seconds=20, what="the birthday in the plan")
    desk = await open_desk(_manager(stack), status=None)
    page = await _care(desk, f"items?customer={customer['id']}")
    await page.locator(f'[data-item="{item["id"]}"]').click()
    why = page.locator('[data-part="why"]')
    await expect(why).to_contain_text("何小满", timeout=SOON_MS)
    await expect(why.get_by_role("heading", level=2)).to_contain_text(desk.words("occasion.birthday"))
    judged = stack.admin.get(f"{CARE}/care-items/{item['id']}")["judgements"]
    await expect(why.locator("li[data-gate]")).to_have_count(sum(len(each["gates"]) for each in judged))


async def test_care_is_for_everybody(stack: Stack, open_page: OpenPage) -> None:
    for locale, options in (("zh-CN", {}), ("en", {**PHONE, "color_scheme": "dark"})):
        page = await open_page(locale=locale, **options)
        await page.add_init_script(path=AXE)
        manager = _manager(stack, locale)
        await page.add_init_script(f"localStorage.setItem('careline:first-run:{manager.id}', 'done')")
        desk = Desk(page, Words(locale), stack.origin)
        await desk.sign_in(manager)
        examined = Examined(page)
        for part in ("today", "matrix", "occasions", "items", "templates", "templates/birthday", "cards"):
            await _care(desk, part)
            await expect(page.locator("main .skeleton")).to_have_count(0, timeout=SOON_MS)
            await examined.look(part)
            main = page.locator("main")
            assert await main.evaluate("main => main.scrollWidth <= main.clientWidth"), f"{part} overflows sideways"
        await _care(desk, "matrix")
        await page.locator(f'[data-cell="{CELL}"]').click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        await examined.look("cell")
        assert examined.findings == []
