"""Judges all that is due and ends; the tests kill it as they please. Every customer is known and allows everything."""

import asyncio
import os
from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from factories import ToldFeedback, some_facts  # type: ignore[import-not-found]

from care_scheduler.contents.feedback import Feedback
from care_scheduler.events import CATALOGUE
from care_scheduler.gates.model import Facts
from care_scheduler.gates.profile import Profile
from care_scheduler.items import repository, scheduler
from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.crash import arm
from careline.database import Database
from careline.outbox import Outbox
from careline.wakeups import Wakeup

# What the dead had claimed is free again soon.
repository.LEASE_SECONDS = 0.3  # type: ignore[misc]
scheduler.BATCH = 50  # type: ignore[misc]
_LEFT = "SELECT count(*) FROM care_items WHERE state = 'planned'"


class Knowing:
    """A profile that knows everybody."""

    async def facts(self, customer_ids: Sequence[UUID]) -> dict[UUID, Facts]:
        """What is known of these customers."""
        return {each: some_facts(each) for each in customer_ids}


async def main() -> None:
    """Judge until nothing is planned."""
    settings = Settings()
    database = Database(settings, application_name="judge-process")
    clock = FixedClock(datetime.fromisoformat(os.environ["JUDGE_AT"]))
    judge = scheduler.Scheduler(
        database,
        Outbox(CATALOGUE),
        clock,
        clock,
        cast("Profile", Knowing()),
        cast("Feedback", ToldFeedback()),
        company="Careline",
        planned=Wakeup(),
    )
    arm(os.environ.get("JUDGE_DIES_AT"))
    while True:
        if not await judge.judge_once():
            async with database.read_raw() as connection:
                if not await connection.fetchval(_LEFT):
                    break
            await asyncio.sleep(0.05)
    await database.close()


asyncio.run(main())
