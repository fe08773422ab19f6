"""A service in the test's loop, with callers for it."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from careline_local.system.services import Description
from careline_local.testing.databases import ServiceDatabase

from .rights import Serving, serving


@pytest.fixture
async def served(
    description: Description,
    service_database: Callable[[str], ServiceDatabase],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Serving]:
    async with serving(description, service_database(description.package).url, tmp_path, monkeypatch) as running:
        yield running
