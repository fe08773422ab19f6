"""One running system for all tests, a fresh browser for each, and what is kept of those that fail."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from careline_local import paths
from tests.e2e.cable import Cable
from tests.e2e.desk import Desk
from tests.e2e.stack import Colleague, Stack, running_stack
from tests.e2e.words import Words

KEPT = paths.STATE / "e2e"
# Both collect what a page must never do; a page that reloads begins a new list, so each entry is also sent out at once.
WATCH_POLICY = """
document.addEventListener('securitypolicyviolation', (event) => {
  console.error(`CSP-VIOLATION ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)
})
"""
_FAILED = pytest.StashKey[bool]()

OpenPage = Callable[..., Awaitable[Page]]
OpenDesk = Callable[..., Awaitable[Desk]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share one system, so one worker runs them; each has a bound of its own."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("e2e"))
            item.add_marker(pytest.mark.timeout(60, func_only=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test itself failed, for the fixtures that end after it."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@pytest.fixture(scope="package")
def _running_stack() -> Iterator[Stack]:
    with running_stack() as stack:
        yield stack


@pytest_asyncio.fixture
async def stack(_running_stack: Stack) -> AsyncIterator[Stack]:
    """The running system; whoever a test hires leaves at its end, and nothing is left waiting."""
    yield _running_stack
    await _running_stack.let_all_go()


class Watched:
    """The contexts of one test: traced, and watched for what no page may do."""

    def __init__(self, browser: Browser) -> None:
        """Nothing is open yet."""
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    async def context(self, *, locale: str, **options: object) -> BrowserContext:
        """A profile of its own, as on another machine."""
        usual: dict[str, object] = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        context = await self._browser.new_context(locale=locale, **(usual | options))  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        # Pictures of every frame would cost a third of the processor; a failed test takes one of its own.
        await context.tracing.start(screenshots=False, snapshots=True)
        await context.add_init_script(WATCH_POLICY)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        self._contexts.append(context)
        context.on("close", lambda closed: self._contexts.remove(closed))  # noqa: PLW0108 -- Playwright marks it
        return context

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.text.startswith("CSP-VIOLATION") or "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    async def end(self, name: str, *, failed: bool) -> None:
        """Keep traces and pictures of a test that failed; close everything."""
        folder = KEPT / re.sub(r"[^\w-]+", "-", name)
        for number, context in enumerate(list(self._contexts)):
            if failed:
                folder.mkdir(parents=True, exist_ok=True)
                await self._keep(context, folder, number)
            else:
                await context.tracing.stop()
            await context.close()

    async def _keep(self, context: BrowserContext, folder: Path, number: int) -> None:
        for place, page in enumerate(context.pages):
            await page.screenshot(path=folder / f"page-{number}-{place}.png", timeout=5_000)
        await context.tracing.stop(path=folder / f"trace-{number}.zip")
        (folder / "complaints.txt").write_text("\n".join(self.complaints))


@pytest_asyncio.fixture
async def watched(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Watched]:
    """Browser profiles that are traced; a violation of the page's policy fails the test."""
    watched = Watched(browser)
    yield watched
    failed = request.node.stash.get(_FAILED, True)
    await watched.end(request.node.name, failed=failed or bool(watched.complaints))
    assert watched.complaints == []


@pytest_asyncio.fixture
async def cable(stack: Stack) -> AsyncIterator[Cable]:
    """A line to the gateway that can be cut; a profile with `proxy=cable.proxy` goes through it."""
    cable = Cable(stack.system.addresses["gateway"])
    await cable.mend()
    yield cable
    await cable.cut()


@pytest.fixture
def open_page(watched: Watched) -> OpenPage:
    """Open an empty page in a profile of its own."""

    async def open_one(*, locale: str = "en", **options: object) -> Page:
        context = await watched.context(locale=locale, **options)
        return await context.new_page()

    return open_one


@pytest.fixture
def open_desk(open_page: OpenPage, stack: Stack) -> OpenDesk:
    """Open the desk and sign somebody in who has seen the first-run assistant before."""

    async def open_one(colleague: Colleague, *, status: str | None = "available", **options: object) -> Desk:
        page = await open_page(locale=colleague.locale, **options)
        await page.add_init_script(f"localStorage.setItem('careline:first-run:{colleague.id}', 'done')")
        desk = Desk(page, Words(colleague.locale), stack.origin)
        await desk.sign_in(colleague)
        if status:
            await desk.choose_presence(status)
        return desk

    return open_one
