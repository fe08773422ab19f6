"""The short form of `make faults`: crash points and kills under load, one history, a green checker."""

import subprocess
import sys

import pytest

from careline_local import paths

SECONDS = 430


@pytest.mark.faults
@pytest.mark.timeout(SECONDS + 20)
def test_nothing_is_lost_or_doubled_when_processes_are_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--short"],
        cwd=paths.CHECKOUT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
