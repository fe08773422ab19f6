"""A running system of its own, because its business time is moved, which nobody else would forgive."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from careline_local.system.addresses import Addresses
from careline_local.system.system import System
from tests.circle.world import Greeting, World
from tests.e2e.mail_line import MailLine
from tests.e2e.stack import Stack, running_stack


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder share one system, so one worker runs them."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("circle"))
            item.add_marker(pytest.mark.timeout(120, func_only=True))


@pytest.fixture(scope="package")
def _moved_stack() -> Iterator[tuple[Stack, MailLine, set[Greeting]]]:
    lines: list[MailLine] = []

    def lay_line(system: System) -> None:
        line = MailLine(system.addresses["smtp"])
        line.start()
        lines.append(line)
        # The mail server has its port already; the services, which are described later, find the line in its place.
        system.addresses = Addresses({**system.addresses.ports, "smtp": line.port})

    with running_stack(before_start=lay_line) as stack:
        yield stack, lines[0], set()
    lines[0].stop()


@pytest_asyncio.fixture
async def world(_moved_stack: tuple[Stack, MailLine, set[Greeting]]) -> AsyncIterator[World]:
    """The running system with its people and its time; whoever a test hires leaves at its end."""
    world = World(*_moved_stack)
    yield world
    world.close()
    await world.stack.let_all_go()
