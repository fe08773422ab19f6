"""Fires all that is due at a given moment and ends; the tests kill it as they please."""

import asyncio
import os
from datetime import datetime
from typing import Any, cast

from careline.app import Service
from careline.business_time import BusinessClock
from careline.clock import FixedClock
from careline.crash import arm
from careline.database import Database
from careline.faults import is_transient
from careline.outbox import Outbox
from feedback.events import CATALOGUE
from feedback.settings import Settings
from feedback.timers import worker

_LEFT = "SELECT count(*) FROM complaint_timers WHERE due_at <= $1 AND fired_at IS NULL AND cancelled_at IS NULL"


class Part:
    """What of a running service the worker needs."""

    def __init__(self) -> None:
        self.clock = FixedClock(datetime.fromisoformat(os.environ["TIMERS_AT"]))
        self.business_clock = BusinessClock(self.clock)
        self.database = Database(Settings(), application_name="timer-process")
        self.outbox = Outbox(CATALOGUE)


async def main() -> None:
    """Fire until nothing is due; a database that ended our transaction is asked again."""
    part: Any = Part()
    arm(os.environ.get("TIMERS_DIE_AT"))
    while True:
        try:
            if await worker.fire(cast("Service", part), limit=25):
                continue
        except Exception as fault:
            if not is_transient(fault):
                raise
            continue
        async with part.database.read_raw() as connection:
            if not await connection.fetchval(_LEFT, part.clock.now()):
                break
        await asyncio.sleep(0.05)
    await part.database.close()


asyncio.run(main())
