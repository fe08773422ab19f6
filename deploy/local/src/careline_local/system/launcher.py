"""`make run`: start everything, say where the page is, keep it running, and stop it when told."""

import fcntl
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Final

from careline_local import paths
from careline_local.parts.base import PartError
from careline_local.system.addresses import Addresses
from careline_local.system.demo import load_demo
from careline_local.system.folders import Folders
from careline_local.system.leftovers import end_leftovers
from careline_local.system.progress import Progress
from careline_local.system.signin import write_sign_in
from careline_local.system.supervisor import Supervisor
from careline_local.system.system import System

NEEDED_BYTES: Final = 300_000_000
LOCK: Final = paths.STATE / "run.lock"


class _Stopped(BaseException):
    """Ctrl-C or SIGTERM came while starting."""


def main(arguments: Sequence[str]) -> int:
    """Run until a signal asks to stop."""
    del arguments
    progress = Progress(lambda line: print(line, flush=True))
    with _only_launcher():
        _check_disk()
        _keep_below_checkout()
        folders = Folders(paths.STATE)
        end_leftovers(folders, progress)
        addresses = Addresses.from_environment()
        addresses.check()
        _run(System(folders, addresses, progress=progress), progress)
    return 0


def _run(system: System, progress: Progress) -> None:
    progress.say("Starting Careline …")
    stop = _StopSignal()
    try:
        system.start()
        load_demo(system)
        stop.starting = False
        _say_where(system, progress)
        Supervisor(system.parts, progress).watch(stop.event)
    except _Stopped:
        progress.say("\nBreaking the start off …")
    finally:
        stop.starting = False
        began = time.monotonic()
        progress.say("\nStopping Careline …")
        system.stop()
        progress.say(f"Careline has stopped ({time.monotonic() - began:.1f} s); its data are in {system.folders.data}.")


class _StopSignal:
    """While starting, a signal breaks the start off; afterwards it sets an event. Later ones change nothing."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.starting = True
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        was_set = self.event.is_set()
        self.event.set()
        if self.starting and not was_set:
            raise _Stopped


def _say_where(system: System, progress: Progress) -> None:
    sign_in = write_sign_in(system)
    progress.say(
        f"\nCareline is up after {progress.seconds:.1f} s.\n\n"
        f"  Page        {system.addresses.public_url}\n"
        f"  Sign in     with a login and a password from {sign_in}\n"
        f"  Sample shop {system.addresses.public_url}/shop/ with the chat of visitors\n"
        f"  Mail        write to {next(iter(system.greenmail.mailboxes))} by SMTP at {system.greenmail.address}\n"
        f"  Logs        {system.folders.logs}\n\n"
        "Ctrl-C stops everything and loses nothing."
    )


@contextmanager
def _only_launcher() -> Iterator[None]:
    """Hold the lock of this checkout; it falls with the process, however that ends."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise PartError(f"Careline already runs here: {lock.read().strip()} Stop it there first.") from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, started at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC.")
        lock.flush()
        yield
        lock.truncate(0)


def _check_disk() -> None:
    free = shutil.disk_usage(paths.STATE).free
    if free < NEEDED_BYTES:
        raise PartError(
            f"The disk that holds {paths.STATE} has only {free // 1_000_000} MB free, Careline needs "
            f"{NEEDED_BYTES // 1_000_000} MB to start: make room and start again."
        )


def _keep_below_checkout() -> None:
    """Nothing that we start leaves files elsewhere."""
    paths.TEMPORARY.mkdir(parents=True, exist_ok=True)
    os.environ["TMPDIR"] = str(paths.TEMPORARY)
