"""Imports whose worker dies, freezes or has a twin: every row once."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from careline.app import Service
from careline.business_time import BusinessClock
from careline.clock import FixedClock
from careline.database import Database
from careline.objects import ObjectStore
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from customer_profile.events import CATALOGUE
from customer_profile.imports.schemas import Job, Kind
from customer_profile.imports.service import Imports, Upload, queue
from customer_profile.imports.worker import ImportWorker
from customer_profile.settings import Settings

ROWS = 1_100
CUSTOMERS = "name,card\n" + "".join(f"Customer {n},C-{n:05d}\n" for n in range(ROWS))
PURCHASES = "external_id,card,purchased_at,total_minor,currency\n" + "".join(
    f"S-{n},C-{n * 7 % ROWS:05d},2026-01-01T12:00:00Z,{n},USD\n" for n in range(ROWS)
)


@pytest.fixture
def imports(database: Database, settings: Settings, clock: FixedClock) -> Imports:
    """Queues jobs that no worker of this process takes."""
    service = Service(
        settings=settings,
        database=database,
        outbox=Outbox(CATALOGUE),
        verifier=None,  # type: ignore[arg-type]
        clock=clock,
        business_clock=BusinessClock(clock),
        draining=asyncio.Event(),
        relay=None,  # type: ignore[arg-type]
    )
    return Imports(service, ObjectStore(settings.objects_url), Wakeup())


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process of its own gets them."""
    given = {name: str(value) for name, value in settings.model_dump().items() if value is not None}
    given["database_url"] = str(settings.database_url)
    return os.environ | {f"PROFILE_{name.upper()}": value for name, value in given.items()}


async def put(imports: Imports, text: str, kind: Kind, *, dry_run: bool = False) -> Job:
    return await queue(imports, Upload(text.encode(), kind, None, dry_run, "shop", {}), "per_tester")


async def started(environment: dict[str, str]) -> asyncio.subprocess.Process:
    script = Path(__file__).with_name("import_process.py")
    return await asyncio.create_subprocess_exec(sys.executable, str(script), env=environment)


async def check(database: Database) -> None:
    """Every row has its effect once, and every customer's events are numbered without gap."""
    async with database.read_raw() as connection:
        for table, number in (("customers", ROWS), ("identifiers", ROWS), ("purchases", ROWS)):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == number, table  # noqa: S608 -- names from above
        assert await connection.fetchval("SELECT count(*) FROM timeline_entries") == ROWS
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 3 * ROWS
        versions = await connection.fetch("SELECT version FROM customers")
        sequences = await connection.fetch(
            "SELECT max(sequence) AS last, count(*) AS number, min(sequence) AS first FROM outbox GROUP BY aggregateid"
        )
        assert all(row["first"] == 1 and row["last"] == row["number"] for row in sequences)
        assert sum(row["version"] for row in versions) == 3 * ROWS
        for row in await connection.fetch("SELECT state, rows_done, rows_created, rows_failed FROM imports"):
            assert tuple(row) == ("finished", ROWS, ROWS, 0)


@pytest.mark.parametrize("point", ["imports.before_commit", "imports.after_chunk"])
async def test_dies_at_a_point_each_time(
    imports: Imports, database: Database, environment: dict[str, str], point: str
) -> None:
    await put(imports, CUSTOMERS, "customers")
    await put(imports, PURCHASES, "purchases")
    deaths = 0
    while True:
        armed = point == "imports.after_chunk" or deaths % 2 == 0
        process = await started(environment | ({"PROFILE_CRASH_AT": point} if armed else {}))
        if await process.wait() == 0:
            break
        assert process.returncode == -signal.SIGKILL
        deaths += 1
    assert deaths >= (6 if point == "imports.after_chunk" else 1)
    await check(database)


async def test_killed_at_any_moment(imports: Imports, database: Database, environment: dict[str, str]) -> None:
    random = Random(20261122)
    await put(imports, CUSTOMERS, "customers")
    await put(imports, PURCHASES, "purchases")
    for _ in range(3):
        process = await started(environment)
        try:
            await asyncio.wait_for(process.wait(), random.uniform(0.7, 1.4))
        except TimeoutError:
            process.kill()
            await process.wait()
    process = await started(environment)
    assert await process.wait() == 0
    await check(database)


class TestParallelWorkers:
    @pytest.fixture
    async def workers(
        self, imports: Imports, settings: Settings, clock: FixedClock
    ) -> AsyncIterator[list[ImportWorker]]:
        databases = [Database(settings, application_name="worker") for _ in range(3)]
        yield [ImportWorker(each, Outbox(CATALOGUE), imports.objects, clock, Wakeup()) for each in databases]
        for each in databases:
            await each.close()

    async def test_same_rows_in_several_jobs(
        self, imports: Imports, database: Database, workers: list[ImportWorker]
    ) -> None:
        for _ in range(3):
            await put(imports, CUSTOMERS, "customers")
        await self._work(workers)
        for _ in range(3):
            await put(imports, PURCHASES, "purchases")
        await self._work(workers)
        async with database.read_raw() as connection:
            rows = await connection.fetch("SELECT rows_created, rows_unchanged, rows_failed, state FROM imports")
            assert sum(row["rows_created"] for row in rows) == 2 * ROWS
            assert sum(row["rows_unchanged"] for row in rows) == 4 * ROWS
            assert sum(row["rows_failed"] for row in rows) == 0
            assert {row["state"] for row in rows} == {"finished"}
            await connection.execute("UPDATE imports SET rows_created = rows_done, rows_unchanged = 0")
        await check(database)

    async def _work(self, workers: list[ImportWorker]) -> None:
        async def until_done(worker: ImportWorker) -> None:
            while await worker.work_once():
                pass

        await asyncio.gather(*(until_done(worker) for worker in workers))
