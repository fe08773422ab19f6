"""A running system of its own, because its business time is moved, which nobody else would forgive."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.circle.world import World
from tests.e2e.stack import Stack, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share one system, so one worker runs them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("circle"))
            item.add_marker(pytest.mark.timeout(120, func_only=True))


@pytest.fixture(scope="package")
def _moved_stack() -> Iterator[Stack]:
    with running_stack() as stack:
        yield stack


@pytest_asyncio.fixture
async def world(_moved_stack: Stack) -> AsyncIterator[World]:
    """The running system with its people and its time; whoever a test hires leaves at its end."""
    world = World(_moved_stack)
    yield world
    world.close()
    await _moved_stack.let_all_go()
