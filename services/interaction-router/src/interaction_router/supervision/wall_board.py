"""Reads the wall board. What is over comes from the counts by quarter of an hour, what waits from the work itself.

All counts go by when the customer came: somebody who came at nine and was answered at ten counts for nine. So in
every interval offered = answered + abandoned + still waiting, and a service level never exceeds one.
"""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from careline.database import ReadConnection
from interaction_router.interactions.rows import Row
from interaction_router.supervision.schemas import (
    AgentCounts,
    ServiceLevel,
    WallBoard,
    WallBoardInterval,
    WallBoardQueue,
    WallBoardTotals,
)

INTERVAL = timedelta(minutes=15)
SHOWN_INTERVALS = 16
# "Now" is the interval that runs and the one before it.
NOW_INTERVALS = 2
FORMULA = "answered_in_target / (offered - abandoned_in_target - waiting_in_target)"

# Offered work still waits for its answer. Who was answered before and came back has been counted already.
_WAITING = """
SELECT queue_id, waiting_since, opened_at, CASE WHEN answered_at IS NULL THEN target_at END AS target_at
FROM interactions WHERE state = 'queued'
UNION ALL
SELECT i.queue_id, i.waiting_since, i.opened_at, CASE WHEN i.answered_at IS NULL THEN i.target_at END
FROM offers o JOIN interactions i ON i.id = o.interaction_id WHERE o.state = 'open'
"""
_QUEUES = f"""
WITH waiting AS MATERIALIZED ({_WAITING}), live AS (
    SELECT queue_id, count(*) AS waiting, min(waiting_since) AS since,
        count(*) FILTER (WHERE target_at > $1 AND opened_at >= $2) AS pending_today,
        count(*) FILTER (WHERE target_at > $1 AND opened_at >= $3) AS pending_now
    FROM waiting GROUP BY queue_id
)
SELECT q.id, q.key, q.name, q.answer_target_seconds, live.*, today.*, lately.targeted AS targeted_now,
    lately.answered_in_target AS answered_in_target_now, lately.abandoned_in_target AS abandoned_in_target_now
FROM queues q
LEFT JOIN live ON live.queue_id = q.id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(offered), 0) AS offered, coalesce(sum(answered), 0) AS answered,
        coalesce(sum(abandoned), 0) AS abandoned, coalesce(sum(answer_ms), 0) AS answer_ms,
        coalesce(sum(targeted), 0) AS targeted, coalesce(sum(answered_in_target), 0) AS answered_in_target,
        coalesce(sum(abandoned_in_target), 0) AS abandoned_in_target
    FROM queue_intervals c WHERE c.queue_id = q.id AND c.begins_at >= $2
) today
CROSS JOIN LATERAL (
    SELECT coalesce(sum(targeted), 0) AS targeted, coalesce(sum(answered_in_target), 0) AS answered_in_target,
        coalesce(sum(abandoned_in_target), 0) AS abandoned_in_target
    FROM queue_intervals c WHERE c.queue_id = q.id AND c.begins_at >= $3
) lately
ORDER BY q.key
"""  # noqa: S608  Both parts are constants.
_INTERVALS = """
SELECT c.begins_at, sum(c.offered) AS offered, sum(c.answered) AS answered, sum(c.abandoned) AS abandoned
FROM queues q CROSS JOIN LATERAL (
    SELECT * FROM queue_intervals i WHERE i.queue_id = q.id AND i.begins_at >= $1
) c GROUP BY c.begins_at
"""
# Each agent once, however many queues she serves.
_AGENTS = """
WITH hand AS (
    SELECT agent_id, bool_or(state IN ('active', 'held')) AS engaged,
        bool_or(state = 'wrap_up' AND wrap_up_until > $1) AS wrapping
    FROM interactions WHERE state IN ('active', 'held', 'wrap_up') GROUP BY agent_id
), doing AS (
    SELECT CASE WHEN a.presence IN ('break', 'away') OR a.not_responding THEN 'away'
        WHEN a.presence = 'busy' OR hand.engaged THEN 'busy'
        WHEN hand.wrapping THEN 'wrap_up' ELSE 'available' END AS what
    FROM agents a LEFT JOIN hand ON hand.agent_id = a.id WHERE a.active AND a.presence <> 'offline'
)
SELECT count(*) FILTER (WHERE what = 'available') AS available, count(*) FILTER (WHERE what = 'busy') AS busy,
    count(*) FILTER (WHERE what = 'wrap_up') AS wrap_up, count(*) FILTER (WHERE what = 'away') AS away
FROM doing
"""
_TOTALS = f"SELECT count(*) AS waiting, min(waiting_since) AS since FROM ({_WAITING}) waiting"  # noqa: S608


async def read(connection: ReadConnection, now: datetime, zone: ZoneInfo) -> WallBoard:
    """Everything on the board at `now`; the day begins at midnight in `zone`."""
    day = datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
    lately = _interval_of(now) - INTERVAL * (NOW_INTERVALS - 1)
    queues = [_queue(row, now) for row in await connection.fetch(_QUEUES, now, day, lately)]
    return WallBoard(
        as_of=now,
        day_began_at=day,
        now_began_at=lately,
        service_level_formula=FORMULA,
        totals=await totals(connection, now),
        queues=queues,
        intervals=await _intervals(connection, now),
    )


async def totals(connection: ReadConnection, now: datetime) -> WallBoardTotals:
    """The numbers that the supervisors' feed carries too."""
    row = await connection.fetchrow(_TOTALS)
    agents = await connection.fetchrow(_AGENTS, now)
    if row is None or agents is None:
        raise LookupError
    return WallBoardTotals(
        waiting=row["waiting"],
        longest_wait_seconds=_waited(row["since"], now),
        agents=AgentCounts(**dict(agents)),
    )


async def _intervals(connection: ReadConnection, now: datetime) -> list[WallBoardInterval]:
    first = _interval_of(now) - INTERVAL * (SHOWN_INTERVALS - 1)
    counted = {row["begins_at"]: row for row in await connection.fetch(_INTERVALS, first)}
    moments = [first + INTERVAL * number for number in range(SHOWN_INTERVALS)]
    return [
        WallBoardInterval(
            begins_at=moment,
            offered=counted[moment]["offered"] if moment in counted else 0,
            answered=counted[moment]["answered"] if moment in counted else 0,
            abandoned=counted[moment]["abandoned"] if moment in counted else 0,
        )
        for moment in moments
    ]


def _queue(row: Row, now: datetime) -> WallBoardQueue:
    answered = row["answered"]
    return WallBoardQueue(
        id=row["id"],
        key=row["key"],
        name=row["name"],
        waiting=row["waiting"] or 0,
        longest_wait_seconds=_waited(row["since"], now),
        answer_target_seconds=row["answer_target_seconds"],
        service_level_now=_level(row, "_now", row["pending_now"] or 0),
        service_level_today=_level(row, "", row["pending_today"] or 0),
        offered=row["offered"],
        answered=answered,
        abandoned=row["abandoned"],
        average_speed_of_answer_seconds=int(row["answer_ms"]) / 1000 / int(answered) if answered else None,
    )


def _level(row: Row, suffix: str, waiting_in_target: int) -> ServiceLevel:
    answered = int(row[f"answered_in_target{suffix}"])
    of = int(row[f"targeted{suffix}"]) - int(row[f"abandoned_in_target{suffix}"]) - waiting_in_target
    return ServiceLevel(share=answered / of if of > 0 else None, answered_in_target=answered, of=max(0, of))


def _waited(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _interval_of(moment: datetime) -> datetime:
    minutes = INTERVAL // timedelta(minutes=1)
    return moment.replace(minute=moment.minute - moment.minute % minutes, second=0, microsecond=0)
