"""The agent's page as a person uses it: by what is written on it."""

import re

from playwright.async_api import Locator, Page, expect

from tests.e2e.stack import Colleague
from tests.e2e.words import Words

SOON_MS = 5_000


class Desk:
    """One signed-in page."""

    def __init__(self, page: Page, words: Words, origin: str) -> None:
        """Take an empty page."""
        self.page = page
        self.words = words
        self._origin = origin

    async def open(self) -> None:
        """Go to the page."""
        await self.page.goto(f"{self._origin}/")

    async def sign_in(self, colleague: Colleague) -> None:
        """Sign in with login and password and wait for the live desk."""
        await self.open()
        await self.page.get_by_label(self.words("session.login"), exact=True).fill(colleague.login)
        await self.page.get_by_label(self.words("session.password"), exact=True).fill(colleague.password)
        await self.page.get_by_role("button", name=self.words("session.sign_in"), exact=True).click()
        await self.is_live()

    async def is_live(self) -> None:
        """The feed is connected and everything before is shown."""
        await expect(self.page.locator('[data-feed="live"]')).to_be_visible(timeout=SOON_MS)

    async def choose_presence(self, status: str) -> None:
        """Say what you do by the menu in the top bar."""
        await self.page.locator("button.presence").click()
        menu = self.page.get_by_role("menu", name=self.words("presence.label"))
        await menu.get_by_role("menuitem", name=re.compile(re.escape(self.words(f"presence.{status}")))).first.click()
        await self.has_presence(status)

    async def has_presence(self, status: str) -> None:
        """The top bar says so."""
        await expect(self.page.locator("button.presence")).to_have_attribute("data-status", status, timeout=SOON_MS)

    def offer(self, text: str = "") -> Locator:
        """The card of an offer."""
        return self.page.locator("[data-offer]").filter(has_text=text)

    async def accept(self, text: str = "") -> None:
        """Accept the offer and see the conversation open for writing."""
        offer = self.offer(text)
        await offer.get_by_role("button", name=re.compile(re.escape(self.words("offer.accept")))).click()
        await expect(offer).to_be_hidden(timeout=SOON_MS)
        await expect(self.composer).to_be_visible(timeout=SOON_MS)

    async def decline(self, text: str = "") -> None:
        """Decline the offer."""
        offer = self.offer(text)
        await offer.get_by_role("button", name=self.words("offer.decline")).click()
        await expect(offer).to_be_hidden(timeout=SOON_MS)

    @property
    def pop(self) -> Locator:
        """The pane with the customer at a glance."""
        return self.page.locator('[data-part="screen-pop"]')

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.get_by_role("log", name=self.words("conversation.log"))

    @property
    def composer(self) -> Locator:
        """Where answers are written, or only notes where the channel takes no answer."""
        return self.page.locator("form.composer textarea")

    async def take_notes(self) -> Locator:
        """Switch to what only colleagues read; the field for it."""
        kinds = self.page.get_by_role("group", name=self.words("composer.kind"))
        await kinds.get_by_role("button", name=self.words("composer.note"), exact=True).click()
        return self.page.get_by_label(self.words("composer.note_label"), exact=True)

    async def answer_with_template(self, title: str, *, adding: str = "") -> str:
        """Insert a prepared answer by a slash and its title, add to it, send it; the text that was sent."""
        await self.composer.press_sequentially(f"/{title}")
        option = self.page.get_by_role("option").filter(has_text=title)
        await expect(option.first).to_be_visible(timeout=SOON_MS)
        await self.composer.press("Enter")
        await expect(self.composer).not_to_have_value(f"/{title}", timeout=SOON_MS)
        if adding:
            await self.composer.press("Control+End")
            await self.composer.press("Shift+Enter")
            await self.composer.press_sequentially(adding)
        text = await self.composer.input_value()
        await self.send()
        return text

    async def write(self, text: str) -> None:
        """Write an answer and send it."""
        await self.composer.fill(text)
        await self.send()

    async def send(self) -> None:
        """Send with the keys that always send, and see the message leave the field."""
        await self.composer.press("Control+Enter")
        await expect(self.composer).to_have_value("", timeout=SOON_MS)

    async def has_message(self, text: str) -> None:
        """The conversation shows a message."""
        await expect(self.log.locator("[data-message]").filter(has_text=text).first).to_be_visible(timeout=SOON_MS)

    @property
    def rows(self) -> Locator:
        """The lines of the inbox."""
        return self.page.locator("[data-interaction]")

    async def open_row(self, text: str) -> None:
        """Open a conversation of the inbox."""
        await self.rows.filter(has_text=text).first.click()

    def interaction_id(self) -> str:
        """The conversation that is open."""
        found = re.search(r"/c/(int_[0-9a-z]+)", self.page.url)
        assert found, f"no conversation is open at {self.page.url}"
        return found[1]

    async def wrap_up(self) -> Locator:
        """Finish the conversation; the panel that asks for its result."""
        await self.page.get_by_role("button", name=self.words("conversation.done"), exact=True).click()
        panel = self.page.locator('[data-part="wrap-up"]')
        await expect(panel).to_be_visible(timeout=SOON_MS)
        return panel

    async def close_with(self, disposition: str, *, note: str = "") -> None:
        """Wrap up with a result."""
        panel = await self.wrap_up()
        field = panel.get_by_role("combobox")
        await field.click()
        await field.fill(disposition)
        await panel.get_by_role("option", name=disposition).first.click()
        if note:
            await panel.get_by_label(self.words("wrap_up.note")).fill(note)
        await panel.get_by_role("button", name=self.words("wrap_up.close")).click()
        await expect(panel).to_be_hidden(timeout=SOON_MS)
