"""What ends by itself is started again, later each time, and said."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from careline_local.parts.processes import ProcessPart, ServerProcess
from careline_local.system.folders import Folders
from careline_local.system.leftovers import end_leftovers
from careline_local.system.progress import Progress
from careline_local.system.status import memory
from careline_local.system.supervisor import Supervisor


class Sleeper(ProcessPart):
    name = "sleeper"

    def __init__(self, folder: Path, seconds: float = 60) -> None:
        self.process = ServerProcess(self.name, folder)
        self.seconds = seconds

    def start(self) -> None:
        self.process.start(["sleep", str(self.seconds)])

    def ready(self) -> bool:
        return self.process.pid is not None


@pytest.fixture
def lines() -> list[str]:
    return []


def test_a_part_that_died_is_started_again(tmp_path: Path, lines: list[str]) -> None:
    part = Sleeper(tmp_path / "sleeper")
    part.start()
    supervisor = Supervisor([part], Progress(lines.append))
    supervisor.look()
    assert lines == []
    first = part.process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    _look_until(supervisor, lambda: part.process.pid not in {None, first})
    assert "sleeper ended by itself (signal 9) and starts again in 1 s" in lines[0]
    assert "sleeper is up again" in lines[1]
    part.stop()


def test_the_wait_grows(tmp_path: Path, lines: list[str]) -> None:
    part = Sleeper(tmp_path / "sleeper", seconds=0)
    part.start()
    supervisor = Supervisor([part], Progress(lines.append))
    _look_until(supervisor, lambda: sum("ended by itself" in line for line in lines) == 2)
    assert "starts again in 1 s" in lines[0]
    assert "starts again in 2 s" in lines[2]
    part.stop()


def test_leftovers_of_a_killed_launcher_are_ended_and_named(tmp_path: Path, lines: list[str]) -> None:
    part = Sleeper(tmp_path / "data" / "services" / "sleeper")
    part.start()
    end_leftovers(Folders(tmp_path), Progress(lines.append))
    assert part.process.pid is None
    assert lines == ["  ended sleeper, which an earlier start had left running"]


def test_status_counts_the_memory_of_what_runs(tmp_path: Path) -> None:
    part = Sleeper(tmp_path / "data" / "services" / "sleeper")
    part.start()
    assert 0 < memory(Folders(tmp_path))["sleeper"] < 20
    part.stop()
    assert memory(Folders(tmp_path)) == {}


def _look_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        supervisor.look()
        time.sleep(0.02)
