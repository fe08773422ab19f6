"""Statements on policies and samples."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from careline.database import ReadConnection, WriteConnection
from feedback.sampling.drawing import Occasion, Policy

AnyConnection = ReadConnection | WriteConnection

ADD = """
INSERT INTO samples (id, reason, subject, interaction_id, complaint_id, customer_id, channel, disposition, closed_at,
                     next_try_at, decision, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (subject) DO NOTHING
"""
# A claim lasts until the next try: a process that dies leaves its samples to the next.
_CLAIM = """
UPDATE samples SET attempts = attempts + 1, next_try_at = $1::timestamptz + $3::interval
WHERE id IN (SELECT id FROM samples WHERE decision IS NULL AND next_try_at <= $1
             ORDER BY next_try_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING id, customer_id, attempts
"""
_UNDECIDED = "SELECT * FROM samples WHERE id = $1 AND decision IS NULL FOR UPDATE"
_DECIDE = """
UPDATE samples SET tier = $2, policy_version = $3, rate = $4, draw = $5, decision = $6, decided_at = $7,
    next_try_at = NULL
WHERE id = $1
"""
_COLUMNS = """
s.id, s.reason, s.subject, s.interaction_id, s.complaint_id, s.customer_id, s.channel, s.disposition, s.tier,
s.closed_at, s.policy_version, s.rate, s.draw, s.decision, s.decided_at, i.id AS invitation_id
"""
_ONE = f"SELECT {_COLUMNS} FROM samples s LEFT JOIN invitations i ON i.sample_id = s.id WHERE s.id = $1"  # noqa: S608
_PAGE = f"""
SELECT {_COLUMNS} FROM samples s LEFT JOIN invitations i ON i.sample_id = s.id
WHERE ($1::uuid IS NULL OR s.customer_id = $1) AND ($2::text IS NULL OR s.subject = $2)
    AND ($3::text IS NULL OR s.decision = $3)
    AND ($4::timestamptz IS NULL OR (s.closed_at, s.id) < ($4, $5::uuid))
ORDER BY s.closed_at DESC, s.id DESC LIMIT $6
"""  # noqa: S608 -- our own column names


async def policy_row(connection: AnyConnection, version: int | None = None) -> asyncpg.Record | None:
    """One version of the policy, the newest without a number."""
    return await connection.fetchrow(
        "SELECT * FROM sampling_policies WHERE version = coalesce($1, (SELECT max(version) FROM sampling_policies))",
        version,
    )


async def policy_rules(connection: AnyConnection, version: int) -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
    """Reasons and rates of a version."""
    reasons = await connection.fetch(
        "SELECT * FROM sampling_reasons WHERE policy_version = $1 ORDER BY reason", version
    )
    rates = await connection.fetch(
        "SELECT * FROM sampling_rates WHERE policy_version = $1 ORDER BY channel, tier", version
    )
    return reasons, rates


async def policy(connection: AnyConnection, version: int | None = None) -> Policy:
    """A version of the policy as the decision wants it."""
    row = await policy_row(connection, version)
    assert row is not None  # noqa: S101 -- the first comes with the tables, and none is ever deleted
    reasons, rates = await policy_rules(connection, row["version"])
    return Policy(
        version=row["version"],
        seed=row["seed"],
        pause_days=row["pause_days"],
        excluded_dispositions=frozenset(row["excluded_dispositions"]),
        occasions={
            each["reason"]: Occasion(each["survey_key"], each["wait_hours"], each["within_hours"]) for each in reasons
        },
        rates={(each["channel"], each["tier"]): each["rate"] for each in rates},
    )


async def add_policy(
    connection: WriteConnection,
    header: tuple[object, ...],
    reasons: list[tuple[object, ...]],
    rates: list[tuple[object, ...]],
) -> None:
    """Keep a version; UniqueViolationError if somebody else has just taken its number."""
    await connection.execute(
        "INSERT INTO sampling_policies (version, seed, pause_days, created_at, created_by, excluded_dispositions)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        *header,
    )
    await connection.executemany("INSERT INTO sampling_reasons VALUES ($1, $2, $3, $4, $5)", reasons)
    await connection.executemany("INSERT INTO sampling_rates VALUES ($1, $2, $3, $4)", rates)


async def claim(
    connection: WriteConnection, now: datetime, *, limit: int, lease: timedelta
) -> dict[UUID, list[tuple[UUID, int]]]:
    """Undecided samples that nobody works on, by customer: (sample, how often it was tried)."""
    claimed: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for row in await connection.fetch(_CLAIM, now, limit, lease):
        claimed[row["customer_id"]].append((row["id"], row["attempts"]))
    return claimed


async def put_off(connection: WriteConnection, sample_id: UUID, until: datetime) -> None:
    """Try again later."""
    await connection.execute("UPDATE samples SET next_try_at = $2 WHERE id = $1 AND decision IS NULL", sample_id, until)


async def undecided(connection: WriteConnection, sample_id: UUID) -> asyncpg.Record | None:
    """The sample, locked, unless it was decided meanwhile."""
    return await connection.fetchrow(_UNDECIDED, sample_id)


async def decide(connection: WriteConnection, *columns: Any) -> None:
    """Keep what was decided."""
    await connection.execute(_DECIDE, *columns)


async def one(connection: ReadConnection, sample_id: object) -> asyncpg.Record | None:
    """One sample and its invitation."""
    return await connection.fetchrow(_ONE, sample_id)


async def page(connection: ReadConnection, *arguments: Any) -> list[asyncpg.Record]:
    """Samples, newest closing first."""
    return await connection.fetch(_PAGE, *arguments)
