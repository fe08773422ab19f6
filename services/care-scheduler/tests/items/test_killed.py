"""Whatever dies, and wherever: no care is lost and none is given twice."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from random import Random

import pytest

from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.database import Database

from ..factories import NOW, Judging, ToldFeedback, ToldProfile

ITEMS = 400
POINTS = ["care.claimed", "care.asked", "care.before_commit", "care.judged"]

_PLAN = """
INSERT INTO care_items (id, customer_id, occasion, occasion_key, purpose, due_at, not_after, created_at)
SELECT uuidv7(), uuidv7(), 'birthday', '2026', 'marketing', $1::timestamptz, $1 + interval '12 hours', $1
FROM generate_series(1, $2)
"""


@pytest.fixture
async def judging(database: Database) -> Judging:
    async with database.write_raw() as connection:
        await connection.execute(_PLAN, NOW, ITEMS)
    return Judging(database, FixedClock(NOW), ToldProfile(), ToldFeedback())


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process of its own gets them."""
    secrets = {
        "client_secret": settings.client_secret,
        "unsubscribe_key": settings.unsubscribe_key,
    }
    given = {name: str(value) for name, value in settings.model_dump().items() if value is not None}
    given |= {name: secret.get_secret_value() for name, secret in secrets.items() if secret}
    given["database_url"] = str(settings.database_url)
    folder = Path(__file__).parents[1]
    return (
        os.environ
        | {f"CARE_{name.upper()}": value for name, value in given.items()}
        | {"JUDGE_AT": NOW.isoformat(), "PYTHONPATH": str(folder)}
    )


async def started(environment: dict[str, str]) -> asyncio.subprocess.Process:
    script = Path(__file__).with_name("judge_process.py")
    return await asyncio.create_subprocess_exec(sys.executable, str(script), env=environment)


async def check(judging: Judging) -> None:
    """Each item was decided once, with its content, its contact and its one event."""
    states = await judging.states()
    assert len(states) == ITEMS
    assert set(states.values()) == {"due"}
    async with judging.database.read_raw() as connection:
        for table in ("care_contents", "contacts", "outbox"):
            assert await connection.fetchval(f"SELECT count(*) FROM {table}") == ITEMS, table  # noqa: S608
        assert await connection.fetchval("SELECT count(DISTINCT aggregateid) FROM outbox") == ITEMS
        assert await connection.fetchval("SELECT max(version) FROM care_items") == 1
        assert await connection.fetchval("SELECT max(jsonb_array_length(verdicts)) FROM care_items") == 1


async def test_dies_at_each_point_in_turn(judging: Judging, environment: dict[str, str]) -> None:
    for point in POINTS:
        process = await started(environment | {"JUDGE_DIES_AT": point})
        assert await asyncio.wait_for(process.wait(), 30) == -signal.SIGKILL, point
    process = await started(environment)
    assert await asyncio.wait_for(process.wait(), 30) == 0
    await check(judging)


async def test_two_at_work_are_killed_at_any_moment(judging: Judging, environment: dict[str, str]) -> None:
    random = Random(20261123)
    for _ in range(3):
        processes = [await started(environment) for _ in range(2)]
        await asyncio.sleep(random.uniform(0.5, 1.1))
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
    process = await started(environment)
    assert await asyncio.wait_for(process.wait(), 30) == 0
    await check(judging)


async def test_a_frozen_judge_that_wakes_up_gives_nothing_twice(judging: Judging, environment: dict[str, str]) -> None:
    frozen = await started(environment | {"JUDGE_DIES_AT": "care.asked=SIGSTOP"})
    await asyncio.sleep(1.5)
    other = await started(environment)
    assert await asyncio.wait_for(other.wait(), 30) == 0
    frozen.send_signal(signal.SIGCONT)
    assert await asyncio.wait_for(frozen.wait(), 30) == 0
    await check(judging)
