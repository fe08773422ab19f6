"""Statements on answers. Keeping one is a single statement, so that it is all there or not at all."""

import asyncpg

from careline.database import ReadConnection, WriteConnection

# The invitation's row is locked and moved first: of many answers at the same moment one finds it unanswered, and the
# primary key of the answers would refuse a second one even then. Its version is the event's number.
_TAKE = """
WITH moved AS (
    UPDATE invitations SET state = 'answered', version = version + 1
    WHERE id = $1 AND state <> 'answered' RETURNING version
), kept AS (
    INSERT INTO answers (invitation_id, answers, nps, csat, ces, low, channel, recorded_by, answered_at)
    SELECT $1, $2::jsonb, $3, $4, $5, $6, $7, $8, $9 FROM moved
), told AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
    SELECT $10, $11, $12, $13, version,
           jsonb_set($14::jsonb, '{sequence}', to_jsonb(lpad(version::text, 20, '0'))), $15
    FROM moved
)
SELECT count(*) FROM moved
"""


async def take(connection: WriteConnection, *arguments: object) -> bool:
    """Keep an answer and its event; False if the invitation was answered before."""
    return bool(await connection.fetchval(_TAKE, *arguments))


async def of_invitation(connection: ReadConnection, invitation_id: object) -> asyncpg.Record | None:
    """The answer to an invitation."""
    return await connection.fetchrow("SELECT * FROM answers WHERE invitation_id = $1", invitation_id)
