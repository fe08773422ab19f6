"""Queueing import jobs, and pausing, resuming and cancelling them."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from careline.app import Service
from careline.auth import Principal
from careline.database import ReadConnection, WriteConnection, after_commit
from careline.ids import encode, new_id
from careline.objects import ObjectStore
from careline.problems import Conflict, InvalidInput, NotFound
from careline.wakeups import Wakeup
from customer_profile.imports import repository
from customer_profile.imports.chunks import HEADERS
from customer_profile.imports.files import Layout, UnreadableFileError, layout, records
from customer_profile.imports.schemas import Job, JobState, Kind
from customer_profile.imports.worker import object_key

MAX_FILE_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Imports:
    """What imports need of the running service."""

    service: Service
    objects: ObjectStore
    queued: Wakeup


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent to be imported."""

    content: bytes
    kind: Kind
    file_name: str | None
    dry_run: bool
    source: str
    columns: dict[str, str | None]


class NotInThatState(Conflict):
    """The job has ended, or does not wait for this."""

    type_name = "import-state"
    title = "The import is not in a state that allows this"


async def queue(imports: Imports, upload: Upload, caller: str) -> Job:
    """Keep the file, then the job: a job without its file cannot be."""
    try:
        found, rows_total = await asyncio.to_thread(_read, upload)
    except UnreadableFileError as fault:
        raise InvalidInput("file", fault.rule, fault.hint) from None
    import_id = new_id()
    await imports.objects.put(object_key(import_id), upload.content)
    async with imports.service.database.write_raw() as connection:
        await repository.insert(
            connection,
            import_id,
            kind=upload.kind,
            dry_run=upload.dry_run,
            file_name=_shown(upload.file_name),
            encoding=found.encoding,
            source=upload.source,
            layout={"delimiter": found.delimiter, "fields": found.fields},
            rows_total=rows_total,
            created_by=caller,
            now=imports.service.clock.now(),
        )
        after_commit(connection, imports.queued.set)
        row = await repository.find(connection, import_id)
    assert row is not None  # noqa: S101 -- it was inserted above
    return _job(row)


def _read(upload: Upload) -> tuple[Layout, int]:
    found = layout(upload.content, HEADERS[upload.kind], upload.columns)
    rows_total = sum(1 for _ in records(upload.content, found))
    if not rows_total:
        raise UnreadableFileError("no rows", "The first row names the columns, each further row is one record.")
    return found, rows_total


async def visible(connection: ReadConnection | WriteConnection, import_id: UUID, principal: Principal) -> Job:
    """The job as far as the caller may see it: a program sees its own, people who may import see all."""
    row = await repository.find(connection, import_id)
    if row is None:
        raise NotFound("import", encode("imp", import_id))
    if principal.kind != "person" and row["created_by"] != principal.subject:
        raise NotFound("import", encode("imp", import_id))
    return _job(row)


async def move(
    imports: Imports, connection: WriteConnection, import_id: UUID, principal: Principal, to: JobState
) -> Job:
    """Pause, resume or cancel; repeating it changes nothing."""
    job = await visible(connection, import_id, principal)
    now = imports.service.clock.now()
    if job.state == to or (to == "queued" and job.state == "running"):
        return job
    if not await repository.move(connection, import_id, to, MOVES[to], now):
        raise NotInThatState(f"It is {job.state}.", state=job.state)
    after_commit(connection, imports.queued.set)
    return await visible(connection, import_id, principal)


# State after → states before, from which a person may bring it there. The worker alone does the rest.
MOVES: Final[dict[JobState, tuple[JobState, ...]]] = {
    "paused": ("queued", "running"),
    "queued": ("paused",),
    "cancelled": ("queued", "running", "paused"),
}


def _job(row: dict[str, Any]) -> Job:
    return Job(**{name: row[name] for name in Job.model_fields})


def _shown(name: str | None) -> str | None:
    """The file's name without what a log or a page should not meet."""
    return "".join(character for character in name if character.isprintable())[:MAX_FILE_NAME] if name else None
