"""Statements on import jobs."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import ReadConnection, WriteConnection
from customer_profile.imports.rows import Fault

_COLUMNS = """id, kind, state, dry_run, file_name, encoding, source, rows_total, rows_done, rows_created, rows_updated,
       rows_unchanged, rows_failed, failure, created_at, finished_at"""

_INSERT = """
INSERT INTO imports (id, kind, state, dry_run, file_name, encoding, source, columns, rows_total, created_by, created_at)
VALUES ($1, $2, 'queued', $3, $4, $5, $6, $7::jsonb, $8, $9, $10)
"""

_ONE = f"SELECT {_COLUMNS}, created_by FROM imports WHERE id = $1"  # noqa: S608 -- columns from above

# Whoever has the row works on the job; another worker passes on to the next.
_NEXT = f"""
SELECT {_COLUMNS}, columns FROM imports WHERE state IN ('queued', 'running')
ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
"""  # noqa: S608 -- columns from above

_ADVANCE = """
UPDATE imports
SET rows_done = rows_done + $2, rows_created = rows_created + $3, rows_updated = rows_updated + $4,
    rows_unchanged = rows_unchanged + $5, rows_failed = rows_failed + $6,
    state = CASE WHEN rows_done + $2 >= rows_total THEN 'finished' ELSE 'running' END,
    finished_at = CASE WHEN rows_done + $2 >= rows_total THEN $7::timestamptz END
WHERE id = $1
"""

_FAIL = "UPDATE imports SET state = 'failed', failure = $2, finished_at = $3 WHERE id = $1"

_MOVE = """
UPDATE imports SET state = $2, finished_at = CASE WHEN $2 = 'cancelled' THEN $4::timestamptz END
WHERE id = $1 AND state = ANY($3::text[]) RETURNING id
"""

_ADD_FAULTS = """
INSERT INTO import_faults (import_id, row_number, field, rule, value, hint)
SELECT $1, * FROM unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::text[])
ON CONFLICT (import_id, row_number, field, rule) DO NOTHING
"""

_FAULTS = """
SELECT row_number, field, rule, value, hint FROM import_faults WHERE import_id = $1 ORDER BY row_number, field, rule
"""

_TO_CLEAR = "SELECT id FROM imports WHERE file_kept AND state IN ('finished', 'cancelled', 'failed') LIMIT 20"
_CLEARED = "UPDATE imports SET file_kept = false WHERE id = $1"


async def insert(
    connection: WriteConnection,
    import_id: UUID,
    *,
    kind: str,
    dry_run: bool,
    file_name: str | None,
    encoding: str,
    source: str,
    layout: dict[str, Any],
    rows_total: int,
    created_by: str,
    now: datetime,
) -> None:
    """Queue a job."""
    await connection.execute(
        _INSERT,
        import_id,
        kind,
        dry_run,
        file_name,
        encoding,
        source,
        json.dumps(layout),
        rows_total,
        created_by,
        now,
    )


async def find(connection: ReadConnection | WriteConnection, import_id: UUID) -> dict[str, Any] | None:
    """The job, with who created it."""
    row = await connection.fetchrow(_ONE, import_id)
    return dict(row) if row else None


async def take_next(connection: WriteConnection) -> dict[str, Any] | None:
    """The oldest job that nobody works on, locked until the transaction ends."""
    row = await connection.fetchrow(_NEXT)
    return None if row is None else dict(row) | {"columns": json.loads(row["columns"])}


async def advance(
    connection: WriteConnection,
    import_id: UUID,
    *,
    done: int,
    created: int,
    updated: int,
    unchanged: int,
    failed: int,
    now: datetime,
) -> None:
    """Count a chunk as done; the last one finishes the job."""
    await connection.execute(_ADVANCE, import_id, done, created, updated, unchanged, failed, now)


async def fail(connection: WriteConnection, import_id: UUID, failure: str, now: datetime) -> None:
    """End a job that cannot go on."""
    await connection.execute(_FAIL, import_id, failure, now)


async def move(connection: WriteConnection, import_id: UUID, to: str, since: Sequence[str], now: datetime) -> bool:
    """Put a job into state `to` if it is in one of `since`."""
    return await connection.fetchval(_MOVE, import_id, to, list(since), now) is not None


async def add_faults(connection: WriteConnection, import_id: UUID, faults: Sequence[Fault]) -> None:
    """Keep why rows were not taken."""
    await connection.execute(
        _ADD_FAULTS,
        import_id,
        [fault.row for fault in faults],
        [fault.field for fault in faults],
        [fault.rule for fault in faults],
        [fault.value for fault in faults],
        [fault.hint for fault in faults],
    )


async def faults_of(connection: ReadConnection, import_id: UUID) -> list[Fault]:
    """Why rows were not taken, in the order of the file."""
    return [Fault(*row) for row in await connection.fetch(_FAULTS, import_id)]


async def to_clear(connection: ReadConnection) -> list[UUID]:
    """Ended jobs whose file is still there."""
    return [row["id"] for row in await connection.fetch(_TO_CLEAR)]


async def cleared(connection: WriteConnection, import_id: UUID) -> None:
    """The file of the job is gone."""
    await connection.execute(_CLEARED, import_id)
