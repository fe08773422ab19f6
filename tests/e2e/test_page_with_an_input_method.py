"""Who writes with an input method: an Enter that picks a character neither sends nor chooses, in whatever order.

The compositions are the browser's own, made through its protocol as an input method makes them. Chrome reports the
Enter while it composes, Safari just after; both say 229 where a key's number stands (WebKit bug 165004).
"""

from uuid import uuid4

from playwright.async_api import CDPSession, Page, expect

from tests.e2e.conftest import OpenDesk
from tests.e2e.desk import Desk
from tests.e2e.mails import Letter
from tests.e2e.stack import ROUTER, Stack
from tests.e2e.words import Words

TAKEN_BY_THE_INPUT_METHOD = 229


class Pinyin:
    """An input method that turns Latin letters into characters."""

    def __init__(self, line: CDPSession) -> None:
        """`line` leads to the page."""
        self._line = line

    @classmethod
    async def on(cls, page: Page) -> "Pinyin":
        """Switch it on for a page."""
        return cls(await page.context.new_cdp_session(page))

    async def compose(self, letters: str) -> None:
        """Letters whose character has not been picked yet."""
        place = {"selectionStart": len(letters), "selectionEnd": len(letters)}
        await self._line.send("Input.imeSetComposition", {"text": letters, **place})

    async def enter(self) -> None:
        """The Enter that belongs to the input method."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": TAKEN_BY_THE_INPUT_METHOD}
        await self._line.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **key})
        await self._line.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})

    async def pick(self, characters: str) -> None:
        """The composition ends with these characters; in Safari's order its Enter is reported now."""
        await self._line.send("Input.insertText", {"text": characters})
        await self.enter()


async def _letter_accepted(stack: Stack, open_desk: OpenDesk) -> tuple[Desk, Pinyin]:
    subject = f"输入法 {uuid4().hex[:6]}"
    agent = stack.hire("拼音", ["mail", "language:zh"], locale="zh-CN")
    # The setting with the danger in it.
    agent.api.put(f"{ROUTER}/desk/settings", {"enter_sends": True, "order": "urgency"})
    desk = await open_desk(agent)
    stack.post.send(Letter(f"{uuid4().hex[:10]}@signed.example", "请问还在保修期内吗？\n", subject=subject))
    await desk.accept(subject)
    return desk, await Pinyin.on(desk.page)


async def test_an_enter_that_picks_a_character_sends_nothing(stack: Stack, open_desk: OpenDesk) -> None:
    desk, pinyin = await _letter_accepted(stack, open_desk)
    ours = desk.log.locator('[data-message][data-kind="reply"], .outgoing')
    await desk.composer.focus()
    await pinyin.compose("ninhao")
    await pinyin.enter()
    await expect(desk.composer).to_have_value("ninhao")
    await pinyin.pick("您好")
    await expect(desk.composer).to_have_value("您好")
    await expect(ours).to_have_count(0)
    await desk.page.keyboard.press("Enter")
    await expect(desk.composer).to_have_value("")
    await desk.has_message("您好")


async def test_nor_chooses_a_prepared_answer(stack: Stack, open_desk: OpenDesk) -> None:
    desk, pinyin = await _letter_accepted(stack, open_desk)
    options = desk.page.locator("#canned-list").get_by_role("option")
    await desk.composer.press_sequentially("/")
    await expect(options.first).to_be_visible()
    offered = await options.count()
    await pinyin.compose("baoxiu")
    await pinyin.enter()
    await expect(desk.composer).to_have_value("/baoxiu")
    assert await options.count() == offered, "half a word filters nothing"
    await pinyin.pick("保修说明")
    await expect(desk.composer).to_have_value("/保修说明")
    await expect(options).to_have_count(1)
    await desk.page.keyboard.press("Enter")
    await expect(options).to_have_count(0)
    await expect(desk.composer).not_to_have_value("/保修说明")


async def test_nor_runs_a_command_of_the_palette(stack: Stack, open_desk: OpenDesk) -> None:
    words = Words("zh-CN")
    desk = await open_desk(stack.hire("拼音", locale="zh-CN"))
    pinyin = await Pinyin.on(desk.page)
    await desk.page.keyboard.press("Control+k")
    palette = desk.page.get_by_role("dialog")
    await expect(palette.get_by_role("option").first).to_be_visible()
    offered = await palette.get_by_role("option").count()
    await pinyin.compose("xiaoxiu")
    await pinyin.enter()
    await expect(palette.get_by_role("option")).to_have_count(offered)
    await pinyin.pick(words("presence.break"))
    await expect(palette.get_by_role("option")).to_have_count(1)
    await desk.has_presence("available")
    await desk.page.keyboard.press("Enter")
    await expect(palette).to_have_count(0)
    await desk.has_presence("break")


async def test_nor_picks_a_result_of_the_wrap_up(stack: Stack, open_desk: OpenDesk) -> None:
    desk, pinyin = await _letter_accepted(stack, open_desk)
    panel = await desk.wrap_up()
    field = panel.get_by_role("combobox")
    await field.click()
    await expect(panel.get_by_role("option").first).to_be_visible()
    # The first character too: what cannot be typed cannot be found.
    await pinyin.compose("yijiejue")
    await pinyin.enter()
    await expect(field).to_have_value("yijiejue")
    await expect(panel.get_by_role("option").first).to_be_visible()
    await pinyin.pick("已解决")
    await expect(field).to_have_value("已解决")
    await expect(panel.get_by_role("option")).to_have_count(1)
    await expect(panel.locator('[role="option"][data-state="checked"]')).to_have_count(0)
    await desk.page.keyboard.press("Enter")
    await expect(panel.get_by_role("option")).to_have_count(0)
    await panel.get_by_role("button", name=desk.words("wrap_up.close")).click()
    await expect(panel).to_be_hidden()
