"""Counting: the database groups equal answers, the statistics see counts only."""

from datetime import datetime
from typing import Final

import asyncpg

from careline.database import ReadConnection
from feedback.metrics.schemas import By

# Only these can be grouped by, so that no caller's text ever becomes part of a statement.
_KEYS: Final[dict[By | None, str]] = {
    None: "NULL",
    "channel": "i.channel",
    "tier": "i.tier",
    "reason": "i.reason",
    "survey_version": "i.survey_version::text",
    "month": "to_char(i.invited_at AT TIME ZONE 'UTC', 'YYYY-MM')",
}
_OF_PERIOD: Final = """
i.survey_key = $1 AND ($2::timestamptz IS NULL OR i.invited_at >= $2) AND ($3::timestamptz IS NULL OR i.invited_at < $3)
"""
# Who was called: the answer if it was given on the phone, else what came of the last try.
_PHONE: Final = f"""
SELECT coalesce((SELECT 'I' FROM answers a WHERE a.invitation_id = i.id AND a.channel = 'phone'),
                (SELECT t.disposition FROM attempts t WHERE t.invitation_id = i.id ORDER BY t.number DESC LIMIT 1))
       AS disposition, count(*) AS times
FROM invitations i WHERE {_OF_PERIOD} GROUP BY disposition
"""  # noqa: S608 -- our own conditions


async def counts(
    connection: ReadConnection, survey: str, since: datetime | None, until: datetime | None, by: By | None
) -> list[asyncpg.Record]:
    """How many invitations had each combination of state and scores, by group."""
    statement = f"""
SELECT {_KEYS[by]} AS key, i.state, a.csat, a.nps, a.ces, coalesce(a.low, false) AS low, count(*) AS times
FROM invitations i LEFT JOIN answers a ON a.invitation_id = i.id
WHERE {_OF_PERIOD} GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
"""  # noqa: S608 -- our own columns
    return await connection.fetch(statement, survey, since, until)


async def phone(
    connection: ReadConnection, survey: str, since: datetime | None, until: datetime | None
) -> dict[str, int]:
    """Final dispositions of those who were called, and how often each came."""
    rows = await connection.fetch(_PHONE, survey, since, until)
    return {row["disposition"]: row["times"] for row in rows if row["disposition"] is not None}
