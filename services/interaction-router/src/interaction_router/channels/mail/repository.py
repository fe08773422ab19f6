"""What the mail channel keeps: how far a mailbox was read, what was ignored, what was quarantined, what goes out."""

from datetime import datetime
from uuid import UUID

from careline.database import WriteConnection
from interaction_router.interactions.rows import AnyConnection, Row

_SET_CURSOR = """
INSERT INTO mailboxes (address, uidvalidity, last_uid) VALUES ($1, $2, $3)
ON CONFLICT (address) DO UPDATE SET uidvalidity = excluded.uidvalidity, last_uid = excluded.last_uid
"""
_IGNORE = """
INSERT INTO ignored_mails (external_id, sender, kind, received_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
"""
_QUARANTINE = """
INSERT INTO quarantine (id, content_hash, sender, subject, reason, size, object_key, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (content_hash) DO NOTHING
"""
# Who finds a mail still `sending` after its time knows that its sender died, and not whether the mail left.
_CLAIM = """
WITH due AS (
    SELECT id, delivery FROM messages WHERE delivery_due_at <= $1
    ORDER BY delivery_due_at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE messages m SET delivery = 'sending', delivery_due_at = $2, delivery_tries = m.delivery_tries + 1,
    delivery_lost = m.delivery_lost + (due.delivery = 'sending')::int
FROM due JOIN messages known ON known.id = due.id JOIN interactions i ON i.id = known.interaction_id
WHERE m.id = due.id
RETURNING m.id, m.interaction_id, m.seq, m.text, m.sent_at, m.author_name, m.external_id, m.delivery_tries,
    m.delivery_lost, m.cc, coalesce(m.subject, i.subject) AS subject, i.contact, i.customer_name
"""
_SETTLE = """
UPDATE messages SET delivery = $2, delivery_due_at = $3, delivery_lost = delivery_lost + $4
WHERE id = $1 AND delivery = 'sending' AND delivery_tries = $5 RETURNING interaction_id
"""
_THREAD = """
SELECT external_id FROM messages
WHERE interaction_id = $1 AND seq < $2 AND external_id LIKE '<%' ORDER BY kind = 'inbound', seq
"""


async def cursor(connection: AnyConnection, address: str) -> tuple[int, int]:
    """How far the mailbox has been read: UIDVALIDITY and the last UID."""
    row = await connection.fetchrow("SELECT uidvalidity, last_uid FROM mailboxes WHERE address = $1", address)
    return (0, 0) if row is None else (row["uidvalidity"], row["last_uid"])


async def set_cursor(connection: WriteConnection, address: str, uidvalidity: int, uid: int) -> None:
    """The mailbox has been read up to here."""
    await connection.execute(_SET_CURSOR, address, uidvalidity, uid)


async def ignore(connection: WriteConnection, external_id: str, sender: str, kind: str, now: datetime) -> None:
    """Remember a machine's mail that opened nothing."""
    await connection.execute(_IGNORE, external_id, sender, kind, now)


async def quarantine(
    connection: WriteConnection,
    quarantine_id: UUID,
    content_hash: bytes,
    sender: str,
    subject: str,
    reason: str,
    size: int,
    object_key: str,
    now: datetime,
) -> None:
    """Keep a mail for a supervisor to look at, once."""
    await connection.execute(_QUARANTINE, quarantine_id, content_hash, sender, subject, reason, size, object_key, now)


async def claim_outgoing(connection: WriteConnection, now: datetime, until: datetime, limit: int) -> list[Row]:
    """Claim mails that are due to be sent."""
    return list(await connection.fetch(_CLAIM, now, until, limit))


async def settle(
    connection: WriteConnection,
    message_id: UUID,
    tries: int,
    delivery: str,
    *,
    due_at: datetime | None = None,
    lost: bool = False,
) -> bool:
    """Write down what came of a try; False if somebody else has taken the mail over meanwhile."""
    return bool(await connection.fetchval(_SETTLE, message_id, delivery, due_at, int(lost), tries))


async def thread_of(connection: AnyConnection, interaction_id: UUID, before_seq: int) -> list[str]:
    """The Message-IDs of a conversation so far, the customer's last."""
    return [row["external_id"] for row in await connection.fetch(_THREAD, interaction_id, before_seq)]
