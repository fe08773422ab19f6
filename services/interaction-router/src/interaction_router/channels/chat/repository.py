"""Where chats and the events of their lines are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from careline.database import WriteConnection
from interaction_router.interactions.rows import AnyConnection, Row

# Lines that were away for longer take a snapshot instead.
EVENTS_KEPT_FOR = timedelta(hours=1)
# How long an ended chat is still shown to the visitor who had it.
SHOWN_AFTER_END = timedelta(hours=24)
MESSAGES_SHOWN = 200

_SELECT = """
SELECT c.*, i.state, a.name AS agent_name, p.value AS phone, p.state AS phone_state
FROM chats c
JOIN interactions i ON i.id = c.interaction_id
LEFT JOIN agents a ON a.id = i.agent_id
LEFT JOIN LATERAL (
    SELECT value, state FROM interaction_identifiers d WHERE d.interaction_id = i.id AND d.type = 'phone'
    ORDER BY state = 'verified' DESC, value LIMIT 1
) p ON true
"""
_CURRENT = """
WHERE c.visitor_id = $1 AND (c.ended_at IS NULL OR c.ended_at > $2)
ORDER BY c.ended_at IS NULL DESC, c.opened_at DESC LIMIT 1
"""
_OPEN = """
INSERT INTO chats (interaction_id, visitor_id, language, page_url, opened_at, lease_expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (interaction_id) DO UPDATE SET ended_at = NULL, ended_by = NULL, lease_expires_at = $6
"""
_SELECT_MESSAGES = """
SELECT m.id, m.interaction_id, m.seq, m.kind, m.author_name, m.text, m.sent_at, m.external_id
FROM messages m
"""
_NEWEST_MESSAGES = "WHERE m.interaction_id = $1 AND m.kind IN ('inbound', 'reply') ORDER BY m.seq DESC LIMIT $2"
_PLACES = """
WITH waiting AS (
    SELECT id, rank() OVER (PARTITION BY queue_id ORDER BY waiting_since, id) AS place
    FROM interactions WHERE channel = 'chat' AND state IN ('queued', 'offered')
)
SELECT id, place FROM waiting WHERE id = ANY($1)
"""
# Whoever else holds one of these rows is about to change it anyway: it is renewed the next time.
_RENEW = """
WITH held AS (
    SELECT interaction_id FROM chats WHERE interaction_id = ANY($1) AND lease_expires_at IS NOT NULL
    ORDER BY interaction_id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE chats SET lease_expires_at = $2 FROM held WHERE chats.interaction_id = held.interaction_id
"""
_TYPING = """
SELECT d.interaction_id FROM drafts d
JOIN interactions i ON i.id = d.interaction_id AND i.agent_id = d.agent_id
WHERE d.interaction_id = ANY($1) AND d.kind = 'reply' AND d.text <> '' AND d.updated_at > $2 AND i.state = 'active'
"""


async def find(connection: AnyConnection, interaction_id: UUID, visitor_id: UUID) -> Row | None:
    """A chat, if it is this visitor's."""
    row: Row | None = await connection.fetchrow(
        _SELECT + "WHERE c.interaction_id = $1 AND c.visitor_id = $2", interaction_id, visitor_id
    )
    return row


async def current(connection: AnyConnection, visitor_id: UUID, now: datetime) -> Row | None:
    """The visitor's open chat, or the one that ended lately."""
    row: Row | None = await connection.fetchrow(_SELECT + _CURRENT, visitor_id, now - SHOWN_AFTER_END)
    return row


async def lock_many(connection: WriteConnection, ids: Sequence[UUID]) -> list[Row]:
    """The chats among these interactions, locked in the order of their ids."""
    return list(
        await connection.fetch(
            _SELECT + "WHERE c.interaction_id = ANY($1) ORDER BY c.interaction_id FOR NO KEY UPDATE OF c", ids
        )
    )


async def open_chat(
    connection: WriteConnection,
    interaction_id: UUID,
    *,
    visitor_id: UUID,
    language: str,
    page_url: str | None,
    now: datetime,
    lease_expires_at: datetime,
) -> None:
    """Begin a chat, or begin it again; the unique index refuses a second open one."""
    await connection.execute(_OPEN, interaction_id, visitor_id, language, page_url, now, lease_expires_at)


async def end(connection: WriteConnection, interaction_id: UUID, by: str, now: datetime) -> None:
    """The chat is over for the visitor."""
    await connection.execute(
        "UPDATE chats SET ended_at = $2, ended_by = $3 WHERE interaction_id = $1 AND ended_at IS NULL",
        interaction_id,
        now,
        by,
    )


async def go_on(connection: WriteConnection, interaction_id: UUID) -> None:
    """What seemed over is not."""
    await connection.execute(
        "UPDATE chats SET ended_at = NULL, ended_by = NULL WHERE interaction_id = $1", interaction_id
    )


async def messages_of(connection: AnyConnection, interaction_id: UUID) -> list[Row]:
    """What was said between visitor and agent, oldest first."""
    rows = await connection.fetch(_SELECT_MESSAGES + _NEWEST_MESSAGES, interaction_id, MESSAGES_SHOWN)
    return list(reversed(rows))


async def messages_by_id(connection: AnyConnection, ids: Sequence[UUID]) -> list[Row]:
    """Those of these messages that a visitor may see, in their order."""
    condition = "WHERE m.id = ANY($1) AND m.kind IN ('inbound', 'reply') ORDER BY m.interaction_id, m.seq"
    return list(await connection.fetch(_SELECT_MESSAGES + condition, ids))


async def message_of(connection: AnyConnection, external_id: str) -> Row | None:
    """The message that came under this id before."""
    row: Row | None = await connection.fetchrow(
        _SELECT_MESSAGES + "WHERE m.channel = 'chat' AND m.external_id = $1", external_id
    )
    return row


async def keep_events(
    connection: WriteConnection, interaction_id: UUID, told: str, events: list[tuple[str, str]], now: datetime
) -> None:
    """Number the events of a locked chat and keep them."""
    last: int = await connection.fetchval(
        "UPDATE chats SET feed_seq = feed_seq + $2, told = $3 WHERE interaction_id = $1 RETURNING feed_seq",
        interaction_id,
        len(events),
        told,
    )
    first = last - len(events) + 1
    await connection.executemany(
        "INSERT INTO chat_events (interaction_id, seq, type, data, created_at) VALUES ($1, $2, $3, $4, $5)",
        [(interaction_id, first + at, kind, data, now) for at, (kind, data) in enumerate(events)],
    )


async def events_after(connection: AnyConnection, interaction_id: UUID, cursor: int, limit: int) -> list[Row]:
    """Events after a cursor."""
    return list(
        await connection.fetch(
            "SELECT seq, type, data FROM chat_events WHERE interaction_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            interaction_id,
            cursor,
            limit,
        )
    )


async def feed_range(connection: AnyConnection, interaction_id: UUID) -> tuple[int, int | None]:
    """The last number given, and the oldest event that is still kept."""
    row: Any = await connection.fetchrow(
        "SELECT c.feed_seq, (SELECT min(seq) FROM chat_events e WHERE e.interaction_id = c.interaction_id) AS oldest "
        "FROM chats c WHERE c.interaction_id = $1",
        interaction_id,
    )
    return row["feed_seq"], row["oldest"]


async def last_numbers(connection: AnyConnection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The last number given in each of these chats."""
    rows = await connection.fetch("SELECT interaction_id, feed_seq FROM chats WHERE interaction_id = ANY($1)", ids)
    return {row["interaction_id"]: row["feed_seq"] for row in rows}


async def places(connection: AnyConnection, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The place of each waiting chat in its queue; 1 is next."""
    return {row["id"]: row["place"] for row in await connection.fetch(_PLACES, ids)}


async def typing(connection: AnyConnection, ids: Sequence[UUID], since: datetime) -> set[UUID]:
    """Chats whose agent has changed her unfinished answer since then."""
    return {row["interaction_id"] for row in await connection.fetch(_TYPING, ids, since)}


async def renew_leases(connection: WriteConnection, ids: Sequence[UUID], until: datetime) -> None:
    """Visitors with an open line are there."""
    await connection.execute(_RENEW, ids, until)


async def lapsed(connection: AnyConnection, now: datetime, limit: int) -> list[UUID]:
    """Open chats whose visitor is gone."""
    rows = await connection.fetch(
        "SELECT interaction_id FROM chats WHERE ended_at IS NULL AND lease_expires_at <= $1 "
        "ORDER BY lease_expires_at LIMIT $2",
        now,
        limit,
    )
    return [row["interaction_id"] for row in rows]


async def take_lapsed(connection: WriteConnection, interaction_id: UUID, now: datetime) -> bool:
    """Notice that a visitor is gone, once; False if she came back meanwhile."""
    return bool(
        await connection.fetchval(
            "UPDATE chats SET lease_expires_at = NULL "
            "WHERE interaction_id = $1 AND ended_at IS NULL AND lease_expires_at <= $2 RETURNING true",
            interaction_id,
            now,
        )
    )


async def came_back(connection: WriteConnection, interaction_id: UUID, until: datetime) -> bool:
    """The visitor is there; True if her absence had been noticed."""
    return bool(
        await connection.fetchval(
            """
            WITH before AS (
                SELECT lease_expires_at IS NULL AS away FROM chats WHERE interaction_id = $1 FOR NO KEY UPDATE)
            UPDATE chats SET lease_expires_at = $2 FROM before WHERE interaction_id = $1 AND ended_at IS NULL
            RETURNING before.away
            """,
            interaction_id,
            until,
        )
    )


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Forget events that no line will ask for again."""
    await connection.execute("DELETE FROM chat_events WHERE created_at < $1", now - EVENTS_KEPT_FOR)
