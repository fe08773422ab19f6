"""The whole system for tests that need more than one service: its own folder, its own ports, real processes.

Usage::

    @pytest.fixture(scope="session")
    def system() -> Iterator[System]:
        with running_system() as system:
            yield system
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from careline_local.system.addresses import Addresses
from careline_local.system.folders import Folders
from careline_local.system.system import System
from careline_local.testing.servers import run_folder


@contextmanager
def running_system(
    *, with_page: bool = False, before_start: Callable[[System], None] | None = None
) -> Iterator[System]:
    """Start all of it, and stop it afterwards; `before_start` may change settings of the parts."""
    with run_folder() as folder:
        system = System(Folders(folder / "system"), Addresses.free(), with_page=with_page)
        try:
            if before_start is not None:
                before_start(system)
            system.start()
            yield system
        finally:
            system.stop()
