"""One whole system for all tests here that need one; they are in one group, so that one worker runs them in order."""

from collections.abc import Iterator

import pytest

from careline_local.system.system import System
from careline_local.testing.system import running_system


@pytest.fixture(scope="package")
def system() -> Iterator[System]:
    """Started from nothing; the last test of the group stops it and starts it again."""
    with running_system() as system:
        yield system
