"""A real browser for tests: `chromium` says how to start it, `browser` is one that has started."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from careline_local.chromium import Chromium, install


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """The installed Chromium."""
    return install()


@pytest_asyncio.fixture
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """A browser of this test; `await browser.new_page()` gives an empty page of a fresh profile."""
    async with launched(chromium) as started:
        yield started


@asynccontextmanager
async def launched(chromium: Chromium) -> AsyncIterator[Browser]:
    """A browser for as long as the block runs."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium.program,
            headless=True,
            args=["--headless=new", *chromium.arguments],
            chromium_sandbox=chromium.sandbox,
            env=dict(chromium.environment),
        )
        yield started
        await started.close()
