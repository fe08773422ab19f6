"""Works through import jobs, chunk by chunk. A chunk, its effects and its row number commit together.

So a worker may die anywhere: the next one begins after the last committed row. The job's row lock keeps two workers
from the same chunk, and lets go of it the moment its holder is gone.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final
from uuid import UUID

import structlog

from careline.clock import Clock
from careline.crash import crash_point
from careline.database import Database, WriteConnection
from careline.ids import encode
from careline.objects import ObjectNotFoundError, ObjectStore
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from customer_profile.context import Work
from customer_profile.imports import repository
from customer_profile.imports.chunks import CHECKS, ROWS_PER_CHUNK, names, take_chunk
from customer_profile.imports.files import Layout, Record, UnreadableFileError, records
from customer_profile.imports.rows import Checked, Fault

IDLE_POLL_SECONDS: Final = 1.0

_log = structlog.get_logger("profile.imports")


def object_key(import_id: UUID) -> str:
    """Where the uploaded file is kept."""
    return f"imports/{encode('imp', import_id)}"


@dataclass
class _OpenFile:
    """The file of the job in hand, read as far as `position` rows."""

    import_id: UUID
    kind: str
    fields: list[str | None]
    records: Iterator[Record]
    position: int = 0
    # Name of a record → the row that had it first.
    seen: dict[object, int] = field(default_factory=dict)

    def next_rows(self, number: int) -> tuple[int, list[Checked], list[Fault]]:
        """How many rows were read, those that are good in themselves, and the faults of the others."""
        good: list[Checked] = []
        faults: list[Fault] = []
        read = 0
        for record in islice(self.records, number):
            read += 1
            checked = CHECKS[self.kind](record, self.fields)
            if isinstance(checked, Checked):
                repeated = self._repeated(checked)
                checked = checked if repeated is None else [repeated]
            if isinstance(checked, Checked):
                good.append(checked)
            else:
                faults += checked
        self.position += read
        return read, good, faults

    def _repeated(self, row: Checked) -> Fault | None:
        own = names(self.kind, row)
        first = next((self.seen[name] for name in own if name in self.seen), None)
        for name in own:
            self.seen.setdefault(name, row.row)
        if first is None:
            return None
        hint = f"Row {first} of this file has it already; one of them is too many."
        shown = row.identifiers[0].typed if row.identifiers else row.data.external_id
        return Fault(row.row, "row", "repeated in this file", shown, hint)


class ImportWorker:
    """One per process; any number of processes may work at once, each on a job of its own."""

    def __init__(self, database: Database, outbox: Outbox, objects: ObjectStore, clock: Clock, queued: Wakeup) -> None:
        self._database = database
        self._outbox = outbox
        self._objects = objects
        self._clock = clock
        self._queued = queued
        self._open: _OpenFile | None = None

    async def run(self) -> None:
        """Work until cancelled. Any exception ends the run; the caller starts it anew."""
        self._open = None
        while True:
            if not await self.work_once():
                await self._clear_files()
                await self._queued.wait(IDLE_POLL_SECONDS)

    async def work_once(self) -> bool:
        """Take the next chunk of the oldest job; False if there is none."""
        try:
            async with self._database.write_raw() as connection:
                job = await repository.take_next(connection)
                if job is None:
                    self._open = None
                    return False
                await self._advance(connection, job)
                crash_point("imports.before_commit")
        except BaseException:
            # The rows that were read are not committed: read them again.
            self._open = None
            raise
        crash_point("imports.after_chunk")
        return True

    async def _advance(self, connection: WriteConnection, job: dict[str, Any]) -> None:
        now = self._clock.now()
        try:
            file = await self._opened(job)
            read, good, faults = await asyncio.to_thread(file.next_rows, ROWS_PER_CHUNK)
        except ObjectNotFoundError:
            await repository.fail(connection, job["id"], "The uploaded file is no longer there; import it again.", now)
            return
        except UnreadableFileError as fault:
            await repository.fail(connection, job["id"], str(fault), now)
            return
        work = Work(connection, self._outbox, now)
        outcome = await take_chunk(work, job["kind"], good, job["source"], dry_run=job["dry_run"])
        outcome.faults += faults
        await repository.add_faults(connection, job["id"], outcome.faults)
        await repository.advance(
            connection,
            job["id"],
            done=read,
            created=outcome.created,
            updated=outcome.updated,
            unchanged=outcome.unchanged,
            failed=outcome.failed,
            now=now,
        )

    async def _opened(self, job: dict[str, Any]) -> _OpenFile:
        """The job's file at its next row: the one in hand, or read anew up to there."""
        file = self._open
        if file is not None and file.import_id == job["id"] and file.position == job["rows_done"]:
            return file
        content = await self._objects.get(object_key(job["id"]))
        layout = Layout(job["encoding"], job["columns"]["delimiter"], job["columns"]["fields"])
        file = _OpenFile(job["id"], job["kind"], layout.fields, records(content, layout))
        await asyncio.to_thread(file.next_rows, job["rows_done"])
        self._open = file
        return file

    async def _clear_files(self) -> None:
        """Forget the files of jobs that have ended; one that is gone already is as good."""
        async with self._database.read_raw() as connection:
            ended = await repository.to_clear(connection)
        for import_id in ended:
            try:
                await self._objects.delete(object_key(import_id))
            except FileNotFoundError:
                _log.info("file.gone", import_id=encode("imp", import_id))
            async with self._database.write_raw() as connection:
                await repository.cleared(connection, import_id)
