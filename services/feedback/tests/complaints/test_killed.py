"""Whatever dies while timers fire, and wherever: each has its effect once, and every complaint keeps its owner."""

import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from feedback.settings import Settings

from .office import MONDAY, Office

COMPLAINTS = 24
ALARMS = 8
LATER = MONDAY + timedelta(days=21)


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    """The settings as a process of its own gets them."""
    given = {
        name: str(value) for name, value in settings.model_dump(exclude={"form_origins"}).items() if value is not None
    }
    for name in ("client_secret", "link_key"):
        given[name] = getattr(settings, name).get_secret_value()
    given["database_url"] = str(settings.database_url)
    named = {f"FEEDBACK_{name.upper()}": value for name, value in given.items()}
    return os.environ | named | {"TIMERS_AT": LATER.isoformat()}


async def _started(environment: dict[str, str], **more: str) -> asyncio.subprocess.Process:
    script = Path(__file__).with_name("timer_process.py")
    return await asyncio.create_subprocess_exec(sys.executable, str(script), env=environment | more)


async def _recorded(office: Office) -> list[dict[str, Any]]:
    return [await office.record() for _ in range(COMPLAINTS)]


async def _check(office: Office, complaints: list[dict[str, Any]]) -> None:
    """The office's own clock stands still, so only the processes have fired anything."""
    office.clock.advance((LATER - office.clock.now()).total_seconds())
    for complaint in complaints:
        events = await office.events(complaint)
        told = [(kind, data.get("deadline"), data.get("level")) for kind, data in events[1:]]
        assert len(told) == len(set(told)) == ALARMS
        seen = await office.look("sue", complaint)
        assert seen["history_intact"]
        assert seen["version"] == ALARMS + 1
        assert seen["owner_id"] == complaint["owner_id"]
        assert [due["by"] for due in seen["due_dates"]] == [due["by"] for due in complaint["due_dates"]]


async def test_dies_at_each_point_then_at_any_moment(office: Office, environment: dict[str, str]) -> None:
    complaints = await _recorded(office)
    for point in ("timers.claimed", "timers.before_commit"):
        process = await _started(environment, TIMERS_DIE_AT=point)
        assert await asyncio.wait_for(process.wait(), 60) == -signal.SIGKILL, point
    random = Random(20261123)
    for _ in range(2):
        processes = [await _started(environment) for _ in range(2)]
        await asyncio.sleep(random.uniform(0.5, 1.5))
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()
    process = await _started(environment)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    await _check(office, complaints)


async def test_a_frozen_one_that_wakes_up_does_nothing_twice(office: Office, environment: dict[str, str]) -> None:
    complaints = await _recorded(office)
    frozen = await _started(environment, TIMERS_DIE_AT="timers.claimed=SIGSTOP")
    await asyncio.sleep(3)
    other = await _started(environment)
    assert await asyncio.wait_for(other.wait(), 60) == 0
    frozen.send_signal(signal.SIGCONT)
    assert await asyncio.wait_for(frozen.wait(), 60) == 0
    await _check(office, complaints)
