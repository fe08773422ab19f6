"""Where visitors are kept. Their tokens are not: only a hash of each."""

from datetime import datetime, timedelta
from uuid import UUID

from careline.database import WriteConnection
from interaction_router.interactions.rows import AnyConnection

# A visitor who has not been seen for half a year is a new one.
REMEMBERED_FOR = timedelta(days=180)
# Whoever never began a chat is forgotten sooner.
SILENT_KEPT_FOR = timedelta(days=7)
SEEN_EVERY = timedelta(hours=12)

_FORGET = """
DELETE FROM visitors v WHERE v.last_seen_at < $1
AND NOT EXISTS (SELECT FROM chats c WHERE c.visitor_id = v.id)
"""


async def insert(connection: WriteConnection, visitor_id: UUID, token_hash: bytes, now: datetime) -> None:
    """Keep a new visitor."""
    await connection.execute(
        "INSERT INTO visitors (id, token_hash, created_at, last_seen_at) VALUES ($1, $2, $3, $3)",
        visitor_id,
        token_hash,
        now,
    )


async def token_hash(connection: AnyConnection, visitor_id: UUID, now: datetime) -> bytes | None:
    """The hash of the visitor's token, if she is still remembered."""
    found: bytes | None = await connection.fetchval(
        "SELECT token_hash FROM visitors WHERE id = $1 AND last_seen_at > $2", visitor_id, now - REMEMBERED_FOR
    )
    return found


async def seen(connection: WriteConnection, visitor_id: UUID, now: datetime) -> None:
    """Remember her for longer; twice a day is often enough."""
    await connection.execute(
        "UPDATE visitors SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $3", visitor_id, now, now - SEEN_EVERY
    )


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Forget those who never began a chat."""
    await connection.execute(_FORGET, now - SILENT_KEPT_FOR)
