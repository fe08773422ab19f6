"""wallboard.read.p95_ms: the wall board over HTTP, with 200,000 closed interactions and a busy floor.

Half of the interactions came today, the rest in the 30 days before; 500 wait in 12 queues, 200 agents work. Ten
supervisors' screens read at random moments, 20 times a second altogether. The rows are loaded set-based without their
triggers, and counted from the rows; that counting by triggers gives the same is a test of the router.
"""

import asyncio
import time

import asyncpg

from bench.house import house
from bench.partners import checked, steady
from bench.rows import Figure
from bench.statistics import percentile
from bench.tokens import token
from bench.wire import Wire
from tests.faults.stand import Stand

IDS = ("wallboard.read.p95_ms",)
CLOSED = 200_000
WAITING = 500
READS_PER_SECOND = 20
SECONDS = 15.0
WARM_SECONDS = 2.0

_LOAD = f"""
SET session_replication_role = replica;
INSERT INTO queues (id, key, name, offer_timeout_seconds, answer_target_seconds)
SELECT uuidv7(), 'queue-' || n, 'Queue ' || n, 20, 20 FROM generate_series(1, 12) n;
INSERT INTO agents (id, name, presence, presence_since, idle_since, lease_expires_at)
SELECT uuidv7(), 'Agent ' || n, 'available', now(), now(), now() + interval '1 hour' FROM generate_series(1, 200) n;
INSERT INTO dispositions (code, label_zh, label_en) VALUES ('solved', '已解决', 'Solved');
INSERT INTO interactions (id, channel, contact, queue_id, state, version, subject, waiting_since, opened_at, updated_at,
    target_at, agent_id, assigned_at, answered_at, closed_at, disposition, history)
SELECT uuidv7(), 'chat', 'contact ' || n, q.ids[n % 12 + 1], 'closed', 6, 'Matter ' || n, came.at, came.at, came.at,
    came.at + interval '20 seconds', a.ids[n % 200 + 1], came.at + make_interval(secs => n % 40),
    came.at + make_interval(secs => n % 40), came.at + interval '5 minutes', 'solved', 'ready'
FROM generate_series(1, {CLOSED}) n
CROSS JOIN (SELECT array_agg(id) AS ids FROM queues) q CROSS JOIN (SELECT array_agg(id) AS ids FROM agents) a
CROSS JOIN LATERAL (SELECT now() - CASE WHEN n % 2 = 0 THEN make_interval(secs => n % 14400 + 400)
    ELSE make_interval(secs => n * 13 % 2592000 + 86400) END AS at) came;
INSERT INTO interactions (id, channel, contact, queue_id, version, subject, waiting_since, opened_at, updated_at,
    target_at, history)
SELECT uuidv7(), 'chat', 'waiting ' || n, q.ids[n % 12 + 1], 1, 'Matter ' || n, now(), now(), now(),
    now() + interval '20 seconds', 'ready'
FROM generate_series(1, {WAITING}) n CROSS JOIN (SELECT array_agg(id) AS ids FROM queues) q;
INSERT INTO queue_intervals
SELECT share.queue_id, share.begins_at, share.shard, sum(share.offered), sum(share.targeted), sum(share.answered),
    sum(share.answered_in_target), sum(share.answer_ms), sum(share.abandoned), sum(share.abandoned_in_target)
FROM interactions i CROSS JOIN LATERAL interval_share(i, 1) share GROUP BY 1, 2, 3;
ANALYZE;
CHECKPOINT
"""  # noqa: S608  The parts are constants.


async def measure() -> list[Figure]:
    """One run."""
    async with house(["directory", "interaction-router"]) as stand:
        await _load(stand)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        await _read(stand, wire, WARM_SECONDS)
        took = await _read(stand, wire, SECONDS)
        wire.close()
    note = f"{len(took)} reads, median {percentile(took, 0.5):.0f} ms, longest {max(took):.0f} ms"
    return [Figure(IDS[0], percentile(took, 0.95), note=note)]


async def _load(stand: Stand) -> None:
    connection = await asyncpg.connect(stand.database("router"), ssl=False)
    try:
        for statement in _LOAD.split(";\n"):
            await connection.execute(statement)
    finally:
        await connection.close()


async def _read(stand: Stand, wire: Wire, seconds: float) -> list[float]:
    boss = token(stand, "per_01m82f1w12ex68277fk08sn1bq", "board:read")
    headers = {"Authorization": f"Bearer {boss}"}
    url = f"{stand.service('interaction-router').address}/v1/wall-board"
    took: list[float] = []

    async def one(_: int) -> None:
        begun = time.perf_counter()
        answer = await checked(wire.request("GET", url, headers=headers))
        took.append((time.perf_counter() - begun) * 1000)
        if sum(each["offered"] for each in answer.json()["queues"]) < WAITING:
            raise RuntimeError("the board does not show what was loaded")

    await steady(READS_PER_SECOND, seconds, one)
    return took
