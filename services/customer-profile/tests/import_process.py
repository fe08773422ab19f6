"""Works through all queued imports and ends; the tests kill it as they please."""

import asyncio
import os

from careline.clock import SystemClock
from careline.crash import arm
from careline.database import Database
from careline.objects import ObjectStore
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from customer_profile.events import CATALOGUE
from customer_profile.imports.worker import ImportWorker
from customer_profile.settings import Settings


async def main() -> None:
    """Take chunks until there are none."""
    settings = Settings()
    database = Database(settings, application_name="import-process")
    worker = ImportWorker(database, Outbox(CATALOGUE), ObjectStore(settings.objects_url), SystemClock(), Wakeup())
    arm(os.environ.get("PROFILE_CRASH_AT"))
    while await worker.work_once():
        pass
    await database.close()


asyncio.run(main())
