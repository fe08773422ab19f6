"""Where queues are kept."""

from careline.database import WriteConnection
from careline.ids import new_id
from interaction_router.interactions.rows import AnyConnection, Row

_FIND = """
SELECT id, answer_target_seconds FROM queues
WHERE key = $1 OR $2 = ANY(channels) OR key = 'general'
ORDER BY key = $1 DESC, $2 = ANY(channels) DESC, key LIMIT 1
"""
_CREATE_GENERAL = """
INSERT INTO queues (id, key, name, offer_timeout_seconds) VALUES ($1, 'general', 'General', 30)
ON CONFLICT (key) DO NOTHING
"""
_PUT = """
INSERT INTO queues (id, key, name, required_skills, priority, offer_timeout_seconds, answer_target_seconds, channels,
    wrap_up_seconds)
VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)
ON CONFLICT (key) DO UPDATE SET name = excluded.name, required_skills = excluded.required_skills,
    priority = excluded.priority, offer_timeout_seconds = excluded.offer_timeout_seconds,
    answer_target_seconds = excluded.answer_target_seconds, channels = excluded.channels,
    wrap_up_seconds = excluded.wrap_up_seconds
RETURNING *
"""


async def queue_for(connection: WriteConnection, key: str | None, channel: str) -> Row:
    """The queue asked for, else one of the channel, else the general one: no work is ever without a queue."""
    row = await connection.fetchrow(_FIND, key, channel)
    if row is None:
        await connection.execute(_CREATE_GENERAL, new_id())
        row = await connection.fetchrow(_FIND, key, channel)
    if row is None:
        raise LookupError("general")
    return row


async def put_queue(
    connection: WriteConnection,
    key: str,
    *,
    name: str,
    required_skills: str,
    priority: int,
    offer_timeout_seconds: int,
    answer_target_seconds: int | None,
    channels: list[str],
    wrap_up_seconds: int,
) -> Row:
    """Create or replace a queue."""
    row = await connection.fetchrow(
        _PUT,
        new_id(),
        key,
        name,
        required_skills,
        priority,
        offer_timeout_seconds,
        answer_target_seconds,
        channels,
        wrap_up_seconds,
    )
    if row is None:
        raise LookupError(key)
    return row


async def all_queues(connection: AnyConnection) -> list[Row]:
    """Every queue by key."""
    return list(await connection.fetch("SELECT * FROM queues ORDER BY key"))
