"""The sample shop's page with the chat window, as a visitor uses it."""

import re
from functools import cache

from playwright.async_api import Locator, Page, expect

from careline_local import paths

SOON_MS = 5_000
_TEXT = re.compile(r"^  (\w+): '(.*)',$", re.MULTILINE)


@cache
def _catalogue(locale: str) -> dict[str, str]:
    source = (paths.DESK / "src" / "widget" / "texts.ts").read_text()
    chinese, english = source.split("const en: Catalogue = {")
    return dict(_TEXT.findall(english if locale == "en" else chinese))


class Visitor:
    """Somebody on the shop's page."""

    def __init__(self, page: Page, locale: str, origin: str) -> None:
        """Take an empty page."""
        self.page = page
        self._texts = _catalogue(locale)
        self._origin = origin

    def word(self, key: str, /, **values: str) -> str:
        """A text of the chat window."""
        text = self._texts[key]
        for gap, value in values.items():
            text = text.replace("{" + gap + "}", value)
        return text

    async def come(self) -> None:
        """Open the shop, and the chat window on it."""
        await self.page.goto(f"{self._origin}/shop/")
        await self.page.get_by_role("button", name=self.word("launch")).click()
        await expect(self.panel).to_be_visible(timeout=SOON_MS)

    @property
    def panel(self) -> Locator:
        """The chat window."""
        return self.page.locator("careline-widget #panel")

    async def say(self, text: str) -> None:
        """Write something."""
        await self.panel.get_by_label(self.word("write")).fill(text)
        await self.panel.get_by_role("button", name=self.word("send"), exact=True).click()

    async def sees_state(self, text: str) -> None:
        """The line under the title says where she stands."""
        await expect(self.panel.locator("p.state")).to_contain_text(text, timeout=SOON_MS)

    async def sees(self, *texts: str) -> None:
        """The conversation holds these messages, in this order, each once."""
        await expect(self.panel.get_by_role("log").locator("li p")).to_have_text(list(texts), timeout=SOON_MS)

    async def give_phone(self, number: str) -> None:
        """Leave a phone number."""
        await self.panel.get_by_role("button", name=self.word("phone"), exact=True).click()
        await self.panel.get_by_role("textbox", name=self.word("phone_label")).fill(number)
        await self.panel.get_by_role("button", name=self.word("phone_save"), exact=True).click()
