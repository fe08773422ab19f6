"""A router that runs in the test's loop with a real database, its decider and its jobs."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from careline.testing.issuer import TestIssuer
from careline_local.testing.databases import ServiceDatabase
from interaction_router.settings import RouterSettings

from .factories import MovingClock, Router, make_settings, open_router


@pytest.fixture
def settings(service_database: Callable[[str], ServiceDatabase], tmp_path: Path) -> RouterSettings:
    return make_settings(service_database("interaction_router").url, tmp_path)


@pytest.fixture
async def router(settings: RouterSettings) -> AsyncIterator[Router]:
    async with open_router(settings, MovingClock(), TestIssuer()) as opened:
        yield opened
