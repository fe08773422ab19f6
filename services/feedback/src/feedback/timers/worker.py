"""Fires timers that are due, in batches; any number of processes may do it at once."""

import asyncio
from typing import Final
from uuid import UUID

from careline.app import Service
from careline.crash import crash_point
from careline.database import after_commit
from careline.ids import encode
from feedback.complaints.ledger import Entry, facts_text, write_history
from feedback.context import Work, work_in
from feedback.timers import repository
from feedback.timers.firing import ACTIONS, escalation_after, event_of

BATCH: Final = 500
# While the database writes one batch, the next is put together.
AT_ONCE: Final = 2
PAUSE_SECONDS: Final = 0.5
ACTOR: Final = "timer"


async def run(service: Service) -> None:
    """Fire what is due until cancelled."""
    while True:
        while await fire(service):
            pass
        await asyncio.sleep(PAUSE_SECONDS)


async def fire(service: Service, limit: int = BATCH) -> int:
    """Fire one batch and return how many timers it held; each fires once, whoever else is at it."""
    async with service.database.write_raw() as connection:
        fired = await _fire(work_in(service, connection), limit)
        if fired:
            after_commit(connection, service.outbox.appended.set)
            crash_point("timers.before_commit")
    return fired


async def _fire(work: Work, limit: int) -> int:
    rows = await repository.claim(work, limit)
    if not rows:
        return 0
    crash_point("timers.claimed")
    moved: dict[UUID, tuple[int, int]] = {}
    entries, events = [], []
    for row in rows:
        version, level = moved.get(row["id"], (row["version"], row["escalation_level"]))
        version += 1
        moved[row["id"]] = version, escalation_after(row, level)
        event = event_of(row)
        outgoing = work.outbox.row(event, encode("cmp", row["id"]), version, work.real_now)
        events.append(outgoing)
        facts = facts_text(event.model_dump(mode="json"))
        entries.append(Entry(row["id"], version, work.now, ACTIONS[row["level"]], ACTOR, facts))
    await repository.mark(work, [(row["id"], row["kind"], row["level"]) for row in rows], moved)
    await write_history(work, entries)
    await repository.tell(work, events)
    return len(rows)
