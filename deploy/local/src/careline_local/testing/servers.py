"""The servers of one test run, in a folder that is gone afterwards."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psutil

from careline_local import paths
from careline_local.parts.processes import end_leftover

POSTGRES_VARIABLE: Final = "CARELINE_TEST_POSTGRES"
KAFKA_VARIABLE: Final = "CARELINE_TEST_KAFKA"


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder of its own for servers of this process; it clears away what killed runs left."""
    sweep(paths.TESTS)
    run = paths.TESTS / folder_name(os.getpid())
    run.mkdir(parents=True, exist_ok=True)
    # One worker may have two systems at once; neither may find the other's data, nor delete them.
    folder = Path(tempfile.mkdtemp(dir=run, prefix=""))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """End the servers and delete the data of test runs whose process is no more."""
    for left in folder.glob("run-*"):
        if _owner_lives(left.name):
            continue
        for record in left.glob("**/process.json"):
            end_leftover(record.parent)
        shutil.rmtree(left, ignore_errors=True)


def folder_name(pid: int) -> str:
    """Name of the folder of a run: process ids come back, but not with the same second of birth."""
    return f"run-{pid}-{psutil.Process(pid).create_time():.0f}"


def _owner_lives(name: str) -> bool:
    try:
        return folder_name(int(name.split("-")[1])) == name
    except (psutil.NoSuchProcess, ValueError):
        return False


def worker_name() -> str:
    """Name of this xdist worker, `main` without workers."""
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
