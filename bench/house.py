"""The servers of a benchmark: a stand as the fault tests have it, and the bare application beside it."""

import asyncio
import http.client
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil

from careline_local import paths
from careline_local.parts.ports import LOOPBACK, free_port
from careline_local.parts.processes import ProcessPart, ServerProcess
from careline_local.testing.servers import run_folder
from tests.faults.stand import Stand
from tests.faults.watchdog import watchdog

LONGEST_SECONDS = 900.0
LOOK_SECONDS = 0.1


class BareServer(ProcessPart):
    """The bare application as a process, on a database of its own."""

    name = "bare"

    def __init__(self, folder: Path, *, database_url: str, jwks_url: str) -> None:
        self.port = free_port()
        self.process = ServerProcess(self.name, folder)
        self._environment = {
            "BARE_PORT": str(self.port),
            "BARE_DATABASE_URL": database_url,
            "BARE_JWKS_URL": jwks_url,
            "PYTHONPATH": str(paths.CHECKOUT),
        }

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process.start([sys.executable, "-m", "bench.bare"], environment=os.environ | self._environment)
        self._wait_until_ready(30)

    def ready(self) -> bool:
        """Whether it answers."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()


@asynccontextmanager
async def house(services: Sequence[str]) -> AsyncIterator[Stand]:
    """A migrated stand whose services are not started yet; all of it is gone afterwards."""
    with run_folder() as folder, watchdog(LONGEST_SECONDS, folder):
        stand = Stand(folder, services, witness=False)
        stand.postgresql.settings |= {"track_commit_timestamp": "on", "max_wal_size": "4GB"}
        try:
            await asyncio.to_thread(stand.start)
            yield stand
        finally:
            await asyncio.to_thread(stand.stop)


@asynccontextmanager
async def bare_beside(stand: Stand) -> AsyncIterator[BareServer]:
    """The bare application on a copy of the profile's database; call it while nobody is connected to that."""
    connection = await asyncpg.connect(stand.database("postgres"), ssl=False)
    try:
        await connection.execute("CREATE DATABASE bare TEMPLATE profile STRATEGY file_copy")
    finally:
        await connection.close()
    await asyncio.to_thread(stand.serve)
    server = BareServer(
        stand.folders.data / "bare",
        database_url=stand.database("bare"),
        jwks_url=f"{stand.service('directory').address}/.well-known/jwks.json",
    )
    try:
        await asyncio.to_thread(server.start)
        yield server
    finally:
        await asyncio.to_thread(server.kill)


def cpu_seconds(part: ProcessPart) -> float:
    """Processor time that a server has used so far."""
    times = psutil.Process(part.process.pid).cpu_times()
    return times.user + times.system


async def until_empty(stand: Stand, database: str, seconds: float = 30) -> None:
    """Wait until the outbox of a service is empty, so that its relay does not run beside what is measured next."""
    connection = await asyncpg.connect(stand.database(database), ssl=False)
    try:
        for _ in range(int(seconds / LOOK_SECONDS)):
            if not await connection.fetchval("SELECT count(*) FROM outbox"):
                return
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()
