"""complaint.timers.due_s: 100,000 complaints are open; ten thousand deadlines fall due at one moment.

Each complaint has its eight timers, each deadline the next alarm, as the service sets them. Counted is from the moment
at which they are due until the last has had its effect: marked, entered into the hash-chained history, told in the
outbox, committed. One process, whose relay runs beside. Median of three turns. Then all of the hundred thousand fall
due at once, as after a jump of business time: that is told in the note.
"""

import asyncio
import time
from statistics import median

import asyncpg

from bench.house import house, until_empty
from bench.rows import Figure
from tests.faults.stand import Stand

IDS = ("complaint.timers.due_s",)
COMPLAINTS = 100_000
DUE = 10_000
TURNS = 3
AHEAD_SECONDS = 3.0
LOOK_SECONDS = 0.02
SECONDS_AT_MOST = 240.0

_FILL = f"""
SET session_replication_role = replica;
INSERT INTO people (id, roles, department_id) SELECT uuidv7(), '{{department_head}}', NULL FROM generate_series(1, 50);
INSERT INTO departments (id, key, head_id, version) SELECT uuidv7(), 'customer_care', id, 1 FROM people LIMIT 1;
UPDATE people SET department_id = (SELECT id FROM departments);
INSERT INTO calendars VALUES ('company', 1, 'Asia/Shanghai', '[{{"weekday": 1, "from": "09:00", "to": "17:00"}}]',
    '{{}}', '{{}}', NULL);
CREATE TEMPORARY TABLE staff AS SELECT id, row_number() OVER () - 1 AS place FROM people;
INSERT INTO complaints (id, version, state, customer_id, kind, severity, text, source, recorded_by, received_at,
    owner_id, department_id, calendar_key, calendar_version, acknowledge_seconds, resolve_seconds, word_seconds,
    handover_seconds, warn_before_seconds, escalate_after_seconds, acknowledge_by, resolve_by, calendar_known)
SELECT uuidv7(), 1, 'open', uuidv7(), 'product', 'minor', 'The kettle leaks.', 'web', 'web', now(),
    staff.id, departments.id, 'company', 1, 28800, 144000, 144000, 28800, 7200, 28800, now() + interval '9 days',
    now() + interval '30 days', true
FROM generate_series(1, {COMPLAINTS}) n JOIN staff ON staff.place = n % 50, departments;
SET session_replication_role = origin;
INSERT INTO complaint_history (complaint_id, sequence, happened_at, action, actor, facts)
SELECT id, 1, received_at, 'opened', 'web', '{{}}' FROM complaints;
SET session_replication_role = replica;
INSERT INTO complaint_timers (complaint_id, kind, level, due_at)
SELECT id, t.kind, level, due + level * interval '1 day'
FROM complaints, LATERAL (VALUES ('acknowledge', acknowledge_by), ('resolve', resolve_by)) t (kind, due),
    generate_series(0, 3) level;
SET session_replication_role = origin;
"""  # noqa: S608 -- numbers of ours
_MAKE_DUE = """
WITH due AS (UPDATE complaint_timers SET due_at = now() + make_interval(secs => $3)
WHERE kind = 'acknowledge' AND level = $4 AND complaint_id IN (SELECT id FROM complaints ORDER BY id OFFSET $1 LIMIT $2)
    RETURNING due_at)
SELECT max(due_at) FROM due
"""
_LEFT = """
SELECT count(*) FROM (SELECT 1 FROM complaint_timers
WHERE due_at <= $1 AND fired_at IS NULL AND cancelled_at IS NULL LIMIT 1) due
"""


async def measure() -> list[Figure]:
    """Three turns with other complaints each, then all at once."""
    async with house(["feedback"]) as stand:
        await _fill(stand)
        await asyncio.to_thread(stand.serve)
        connection = await asyncpg.connect(stand.database("feedback"), ssl=False)
        try:
            turns = [await _turn(stand, connection, turn * DUE, DUE, level=0) for turn in range(TURNS)]
            # The three turns have used up the warnings of some; the others' are due with their next.
            all_of_them = await _turn(stand, connection, 0, COMPLAINTS, level=1)
            told = await connection.fetchval("SELECT count(*) FROM complaint_history WHERE sequence > 1")
        finally:
            await connection.close()
    spread = f"turns {', '.join(f'{seconds:.2f}' for seconds in turns)} s"
    note = f"{DUE} due at once, {spread}; all {COMPLAINTS} at once {all_of_them:.1f} s; {told} entries"
    return [Figure(IDS[0], median(turns), note=note)]


async def _fill(stand: Stand) -> None:
    connection = await asyncpg.connect(stand.database("feedback"), ssl=False)
    try:
        for statement in _FILL.split(";\n"):
            if statement.strip():
                await connection.execute(statement)
        for table in ("complaints", "complaint_timers", "complaint_history"):
            await connection.execute(f"VACUUM ANALYZE {table}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


async def _turn(stand: Stand, connection: asyncpg.Connection, first: int, count: int, *, level: int) -> float:
    """Seconds from the moment at which timers are due until none of them is left."""
    if count == COMPLAINTS:
        await connection.execute(
            "UPDATE complaint_timers SET cancelled_at = now() WHERE level = 0 AND fired_at IS NULL"
        )
    due_at = await connection.fetchval(_MAKE_DUE, first, count, AHEAD_SECONDS if count < COMPLAINTS else 30.0, level)
    begun = time.time()
    while time.time() - begun < SECONDS_AT_MOST:
        if time.time() >= due_at.timestamp() and not await connection.fetchval(_LEFT, due_at):
            took: float = time.time() - due_at.timestamp()
            await until_empty(stand, "feedback", SECONDS_AT_MOST)
            return took
        await asyncio.sleep(LOOK_SECONDS)
    raise RuntimeError(f"timers are still due after {SECONDS_AT_MOST} s")
