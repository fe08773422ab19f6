"""Statements on invitations."""

from datetime import datetime
from uuid import UUID

import asyncpg

from careline.database import ReadConnection, WriteConnection
from feedback import rates

AnyConnection = ReadConnection | WriteConnection

_COLUMNS = """
id, sample_id, customer_id, interaction_id, complaint_id, reason, survey_key, survey_version, channel, tier, language,
nonce, invited_at, not_before, not_after, answer_until, state, not_asked_because, version
"""
# Which answers are low is read with the invitation: taking an answer is hot, and so costs one query less.
_LOW_SCORE_RULES = """
(SELECT jsonb_agg(jsonb_build_object('scale', r.scale, 'at_most', r.at_most, 'wish_question', r.wish_question,
                                     'wish_value', r.wish_value, 'severity', r.severity))
 FROM low_score_rules r WHERE r.survey_key = i.survey_key AND r.active) AS low_score_rules
"""
# The rate of the caller's address is counted in the same statement, which commits by itself.
_BY_NONCE = f"""
WITH counted AS ({rates.TAKE})
SELECT counted.tokens, found.* FROM counted
LEFT JOIN (SELECT {_COLUMNS}, {_LOW_SCORE_RULES} FROM invitations i WHERE nonce = $5) AS found ON true
"""  # noqa: S608 -- our own column names
_BY_ID = f"SELECT {_COLUMNS}, {_LOW_SCORE_RULES} FROM invitations i WHERE id = $1"  # noqa: S608
_PAGE = f"""
SELECT {_COLUMNS} FROM invitations
WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR state = $2)
    AND ($3::timestamptz IS NULL OR (invited_at, id) < ($3, $4::uuid))
ORDER BY invited_at DESC, id DESC LIMIT $5
"""  # noqa: S608
_INSERT = """
INSERT INTO invitations (id, sample_id, customer_id, interaction_id, complaint_id, reason, survey_key, survey_version,
                         channel, tier, language, nonce, invited_at, not_before, not_after, answer_until, state,
                         version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'invited', 1)
"""
# The customer's row is locked until the transaction ends: of two closings at the same moment one asks.
_MAY_ASK = """
INSERT INTO askings AS last (customer_id, invitation_id, asked_at) VALUES ($1, $2, $3)
ON CONFLICT (customer_id) DO UPDATE SET invitation_id = excluded.invitation_id, asked_at = excluded.asked_at
WHERE last.asked_at <= excluded.asked_at - make_interval(days => $4)
RETURNING customer_id
"""


async def by_nonce(connection: WriteConnection, taking: tuple[object, ...], nonce: bytes) -> asyncpg.Record:
    """The invitation whose link has this random half, all null if there is none, and the tokens that are left."""
    row = await connection.fetchrow(_BY_NONCE, *taking, nonce)
    assert row is not None  # noqa: S101 -- the bucket is there in any case
    return row


async def by_id(connection: AnyConnection, invitation_id: UUID) -> asyncpg.Record | None:
    """One invitation."""
    return await connection.fetchrow(_BY_ID, invitation_id)


async def page(
    connection: ReadConnection,
    *,
    customer_id: UUID | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Invitations, newest first; one more than `limit` tells that there is a next page."""
    moment, id_ = after or (None, None)
    return await connection.fetch(_PAGE, customer_id, state, moment, id_, limit + 1)


async def insert(connection: WriteConnection, *columns: object) -> None:
    """Keep a new invitation; its first event is number one."""
    await connection.execute(_INSERT, *columns)


async def may_ask(
    connection: WriteConnection, customer_id: UUID, invitation_id: UUID, now: datetime, pause_days: int
) -> bool:
    """Whether the customer was not asked within the pause; if so, she is taken as asked from now on."""
    return await connection.fetchval(_MAY_ASK, customer_id, invitation_id, now, pause_days) is not None
