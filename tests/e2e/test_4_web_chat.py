"""Step 4: a visitor of the shop talks with an agent, loses nothing, and turns out to be a known customer."""

import random
from uuid import uuid4

from playwright.async_api import expect

from careline_local.demo.api import Json
from tests.e2e.cable import Cable
from tests.e2e.conftest import OpenDesk, OpenPage
from tests.e2e.shop import Visitor
from tests.e2e.stack import PROFILE, Stack
from tests.e2e.waiting import eventually

CHATS = ["chat"]


async def _visitor(open_page: OpenPage, stack: Stack, locale: str = "zh-CN", **options: object) -> Visitor:
    visitor = Visitor(await open_page(locale=locale, **options), locale, stack.origin)
    await visitor.come()
    return visitor


def _known_customer(stack: Stack) -> tuple[str, str]:
    """A customer with a verified mobile number and a purchase; her id and her number as she would type it."""
    number = f"138{random.randrange(10**8):08}"
    body = {
        "name": "秦岚",
        "language": "zh-CN",
        "tier": "silver",
        "identifiers": [{"type": "phone", "value": f"+86{number}", "verified": True}],
    }
    customer = stack.admin.post(f"{PROFILE}/customers", body, key=uuid4().hex)
    purchase = {
        "external_id": uuid4().hex,
        "customer": {"id": customer["id"]},
        "purchased_at": "2026-10-01T08:00:00Z",
        "items": [{"name": "恒温水壶", "quantity": 1, "amount_minor": 32900}],
        "total_minor": 32900,
        "currency": "CNY",
    }
    stack.partner.post(f"{PROFILE}/purchases", purchase, key=uuid4().hex)
    return str(customer["id"]), f"{number[:3]} {number[3:7]} {number[7:]}"


def _chats(stack: Stack, customer_id: str) -> list[Json]:
    return [entry for entry in stack.timeline(customer_id) if entry["kind"] == "chat"]


async def test_visitor_sees_her_place_talks_and_loses_nothing(
    stack: Stack, open_page: OpenPage, open_desk: OpenDesk
) -> None:
    first = await _visitor(open_page, stack)
    await first.say("你好，水壶坏了")
    await first.sees_state(first.word("next"))
    second = await _visitor(open_page, stack, "en")
    await second.say("Hello, I am the second")
    await second.sees_state(second.word("ahead", ahead="1"))

    desk = await open_desk(stack.hire("周聊天", CHATS, locale="zh-CN", chat=1))
    await desk.accept("水壶坏了")
    await first.sees_state(first.word("active", name="周聊天"))
    await second.sees_state(second.word("next"))
    await desk.has_message("你好，水壶坏了")
    await desk.write("您好，请问是哪一款？")
    await first.sees("你好，水壶坏了", "您好，请问是哪一款？")

    # She reloads, and everything is where it was; what is said meanwhile is there too.
    await first.page.goto("about:blank")
    await desk.write("您还在吗？")
    await first.page.goto(f"{stack.origin}/shop/")
    if not await first.panel.is_visible():
        await first.page.locator("careline-widget #launcher").click()
    await first.sees("你好，水壶坏了", "您好，请问是哪一款？", "您还在吗？")
    await first.say("在的，是云雾恒温水壶")
    await desk.has_message("在的，是云雾恒温水壶")
    await first.sees("你好，水壶坏了", "您好，请问是哪一款？", "您还在吗？", "在的，是云雾恒温水壶")


async def test_a_lost_line_of_the_visitor_loses_nothing_and_doubles_nothing(
    stack: Stack, open_page: OpenPage, open_desk: OpenDesk, cable: Cable
) -> None:
    visitor = await _visitor(open_page, stack, "en", proxy=cable.proxy)
    await visitor.say("before")
    desk = await open_desk(stack.hire("Patient", CHATS))
    await desk.accept("before")
    await cable.cut()
    await visitor.say("written without a line")
    await desk.write("said while she was away")
    await cable.mend()
    await desk.has_message("written without a line")
    log = visitor.panel.get_by_role("log").locator("li p")
    await expect(log).to_have_count(3, timeout=20_000)
    assert sorted(await log.all_text_contents()) == sorted(
        ["before", "written without a line", "said while she was away"]
    )


async def test_a_phone_number_is_claimed_until_verified_and_brings_the_anonymous_history(
    stack: Stack, open_page: OpenPage, open_desk: OpenDesk
) -> None:
    customer_id, number = _known_customer(stack)
    visitor = await _visitor(open_page, stack)
    desk = await open_desk(stack.hire("核实员", CHATS, locale="zh-CN"))

    # An anonymous chat first: it belongs to nobody yet.
    await visitor.say("随便问问")
    await desk.accept("随便问问")
    await desk.close_with("已告知")
    await visitor.panel.get_by_role("button", name=visitor.word("again")).click()
    assert _chats(stack, customer_id) == []

    # In the next one she gives a number: it names a customer, shows that she may be her, and opens nothing.
    await visitor.say("我的水壶在保修吗")
    await desk.accept("我的水壶在保修吗")
    await visitor.give_phone(number)
    claimed = visitor.word("phone_claimed").partition("{shown}")
    tools = visitor.panel.locator("#give")
    await expect(tools).to_contain_text(claimed[2].strip("）, "), timeout=5_000)
    await expect(desk.pop.locator('.badges [data-identity="claimed"]')).to_be_visible(timeout=5_000)
    await expect(desk.pop).to_contain_text(desk.words("customer.masked"))
    await expect(desk.pop).not_to_contain_text("恒温水壶")
    assert [each["identity"] for each in _chats(stack, customer_id)] in ([], ["claimed"])

    # The agent makes sure: the history opens, the visitor sees it, and the anonymous chat is the customer's.
    await desk.pop.get_by_role("button", name=desk.words("customer.verify")).click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label(desk.words("verify.note")).fill("订单号一致")
    await dialog.get_by_role("button", name=desk.words("verify.confirm")).click()
    await expect(desk.pop.locator('.badges [data-identity="verified"]')).to_be_visible(timeout=5_000)
    await expect(desk.pop.get_by_role("heading", level=2)).to_contain_text("秦岚")
    await expect(desk.pop).to_contain_text("恒温水壶")
    verified = visitor.word("phone_verified").partition("{shown}")
    await expect(tools).to_contain_text(verified[2].strip("）, "), timeout=5_000)
    await eventually(
        lambda: len(_chats(stack, customer_id)) == 2, seconds=3, what="both chats on the customer's timeline"
    )
    await desk.close_with("已解决")
    await eventually(
        lambda: {each["title_key"] for each in _chats(stack, customer_id)} == {"timeline.chat.closed"},
        seconds=1,
        what="the end of the chat on the timeline",
    )


async def test_script_in_a_chat_is_shown_as_text_on_both_sides(
    stack: Stack, open_page: OpenPage, open_desk: OpenDesk
) -> None:
    visitor = await _visitor(open_page, stack, "en")
    evil = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    await visitor.say(evil)
    desk = await open_desk(stack.hire("Reader", CHATS))
    await desk.accept()
    await desk.has_message(evil)
    await desk.write(evil)
    await visitor.sees(evil, evil)
    for page in (visitor.page, desk.page):
        assert await page.title() != "taken"
