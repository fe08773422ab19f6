"""A server process with all its descendants: started, found again, signalled and ended as one.

PostgreSQL gives each of its processes a process group of its own, so a signal to the group misses them.
The tree is therefore walked, after its root was halted so that it cannot grow meanwhile.
"""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import Final

import psutil

from careline_local.parts.base import PartError

# The kernel counts the birth of a process in ticks of 10 ms.
_CLOCK_TICK_SECONDS: Final = 0.01
# Descendants of a killed process are reaped by whoever inherits them, which takes a moment.
GONE_SECONDS: Final = 10
HALTED_SECONDS: Final = 5


class ServerProcess:
    """One server process of ours; what it prints goes to a log file."""

    def __init__(self, name: str, folder: Path, *, log: Path | None = None) -> None:
        """Keep the record of the process in `folder`, and its output in `log` or there."""
        self.name = name
        self.folder = folder
        self.log = log or folder / "output.log"
        self._record = folder / "process.json"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs or before it ran."""
        return self._process.poll() if self._process else None

    def start(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        working_folder: Path | None = None,
        user: int | None = None,
    ) -> None:
        """Start it in a session of its own, so that Ctrl-C at the terminal reaches only the launcher."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        end_leftover(self.folder)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(os.environ if environment is None else environment),
                cwd=working_folder or self.folder,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=[] if user is not None else None,
            )
        self._write_record(self._process.pid)

    def _write_record(self, pid: int) -> None:
        try:
            created = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        self._record.write_text(json.dumps({"pid": pid, "created": created}))

    def wait(self) -> int | None:
        """Wait until it has ended by itself or by force."""
        code = self._process.wait() if self._process else None
        self._record.unlink(missing_ok=True)
        return code

    def signal(self, number: Signals) -> None:
        """Send a signal to the root of the tree only."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """End the whole tree at once."""
        if self._process is None:
            return
        if self._process.poll() is None:
            kill_tree(self._process.pid)
        self._process.wait(30)
        self._record.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Halt the whole tree."""
        if self.pid is not None:
            _halt_tree(self.pid)

    def thaw(self) -> None:
        """Let the whole tree go on, its root last."""
        if self.pid is None:
            return
        root = psutil.Process(self.pid)
        for process in [*root.children(recursive=True), root]:
            _send(process, SIGCONT)

    def stop(self, number: Signals = SIGTERM, *, seconds: float = 30) -> None:
        """Ask it to end and wait; after `seconds` end it by force."""
        if self._process is None:
            return
        self.thaw()
        self.signal(number)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        self._record.unlink(missing_ok=True)

    def last_lines(self, count: int = 5) -> str:
        """The end of its log, for an error message."""
        return tail(self.log, count)


class ProcessPart:
    """What the embedded parts have in common: one server process that breaks and mends as a whole."""

    name: str
    process: ServerProcess

    def start(self) -> None:
        """Start it and return when it answers."""
        raise NotImplementedError

    def kill(self) -> None:
        """End every process of it at once (SIGKILL)."""
        self.process.kill()

    def freeze(self) -> None:
        """Halt every process of it (SIGSTOP)."""
        self.process.freeze()

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self.process.thaw()

    def stop(self) -> None:
        """End it in good order."""
        self.process.stop()

    def _wait_until_ready(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.process.pid is None:
                raise PartError(f"{self.name} ended while starting. {self.explain()}")
            if time.monotonic() > deadline:
                self.process.kill()
                raise PartError(f"{self.name} did not answer within {seconds:.0f} s. {self.explain()}")
            time.sleep(0.03)

    def ready(self) -> bool:
        """Whether it answers now."""
        raise NotImplementedError

    def explain(self) -> str:
        """What its log says, for a person."""
        return f"The end of {self.process.log}:\n{self.process.last_lines()}"


def tail(path: Path, count: int) -> str:
    """The last lines of a text file, or a remark that it is empty."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        lines = []
    return "\n".join(lines[-count:]) or "(empty)"


def end_leftover(folder: Path) -> bool:
    """End what an earlier start left running in this folder because its launcher was killed.

    The process must have the recorded id and the recorded time of birth, so that a stranger who got the
    same id later is left alone.
    """
    record = folder / "process.json"
    try:
        known = json.loads(record.read_text())
        process = psutil.Process(known["pid"])
        ours = abs(process.create_time() - float(known["created"])) < _CLOCK_TICK_SECONDS
    except (FileNotFoundError, ValueError, KeyError, psutil.NoSuchProcess):
        ours = False
    if ours:
        kill_tree(known["pid"])
        psutil.wait_procs([process], timeout=10)
    record.unlink(missing_ok=True)
    return ours


def kill_tree(pid: int) -> None:
    """SIGKILL a process and all its descendants, and wait until the descendants are gone; the root is its parent's."""
    halted = _halt_tree(pid)
    for process in halted:
        _send(process, SIGKILL)
    psutil.wait_procs([process for process in halted if process.pid != pid], timeout=GONE_SECONDS)


def _halt_tree(pid: int) -> list[psutil.Process]:
    """Stop the root first, then whoever it had started, and again until nobody new appears."""
    try:
        root = psutil.Process(pid)
    except psutil.NoSuchProcess:
        return []
    _send(root, SIGSTOP)
    halted: dict[int, psutil.Process] = {}
    while True:
        try:
            fresh = [child for child in root.children(recursive=True) if child.pid not in halted]
        except psutil.NoSuchProcess:
            break
        if not fresh:
            break
        for child in fresh:
            _send(child, SIGSTOP)
            halted[child.pid] = child
    for process in (*halted.values(), root):
        _wait_until_halted(process)
    return [*halted.values(), root]


def _wait_until_halted(process: psutil.Process) -> None:
    """A halt reaches the threads one after the other; one that still runs could answer a last time."""
    deadline = time.monotonic() + HALTED_SECONDS
    while time.monotonic() < deadline:
        try:
            states = [
                stat.read_text().rsplit(")", 1)[1].split()[0]
                for stat in Path(f"/proc/{process.pid}/task").glob("*/stat")
            ]
        except OSError:
            continue
        if all(state in "TtZX" for state in states):
            return
        time.sleep(_CLOCK_TICK_SECONDS)


def _send(process: psutil.Process, number: Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return
