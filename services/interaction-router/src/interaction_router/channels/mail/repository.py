"""What the mail channel keeps: how far a mailbox was read, what was quarantined, what goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from careline.database import WriteConnection
from interaction_router.interactions.rows import AnyConnection, Row

_SET_CURSOR = """
INSERT INTO mailboxes (address, uidvalidity, last_uid) VALUES ($1, $2, $3)
ON CONFLICT (address) DO UPDATE SET uidvalidity = excluded.uidvalidity, last_uid = excluded.last_uid
"""
_QUARANTINE = """
INSERT INTO quarantine (id, content_hash, sender, subject, reason, size, object_key, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (content_hash) DO NOTHING
"""
# Rows that another process works on are passed by.
_CLAIM = """
WITH due AS (
    SELECT id FROM messages WHERE delivery IN ('queued', 'unknown') AND delivery_due_at <= $1
    ORDER BY delivery_due_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE messages m SET delivery_claim = m.delivery_claim + 1, delivery_due_at = $2
FROM due JOIN messages known ON known.id = due.id JOIN interactions i ON i.id = known.interaction_id
WHERE m.id = due.id
RETURNING m.id, m.interaction_id, m.seq, m.text, m.sent_at, m.external_id, m.delivery, m.delivery_claim,
    m.delivery_tries, m.delivery_lost, m.cc, coalesce(m.delivery_asked_at, m.sent_at) AS asked_at,
    coalesce(m.subject, i.subject) AS subject, i.contact, i.customer_name
"""
_POSTPONE = """
UPDATE messages m SET delivery_due_at = $3 FROM unnest($1::uuid[], $2::int[]) AS mine(id, claim)
WHERE m.id = mine.id AND m.delivery_claim = mine.claim AND m.delivery IN ('queued', 'unknown')
"""
_BEGIN = """
UPDATE messages SET delivery = 'sending', delivery_due_at = $3, delivery_tries = delivery_tries + 1
WHERE id = $1 AND delivery_claim = $2 AND delivery IN ('queued', 'unknown') RETURNING id
"""
_SETTLE = """
UPDATE messages SET delivery = $3, delivery_due_at = $4, delivery_lost = delivery_lost + $5,
    delivery_tries = delivery_tries - $6
WHERE id = $1 AND delivery_claim = $2 AND delivery IN ('queued', 'unknown', 'sending') RETURNING id
"""
_DEAD = "SELECT id FROM messages WHERE delivery = 'sending' AND delivery_due_at <= $1 ORDER BY delivery_due_at LIMIT $2"
# Who finds a mail still `sending` after its time knows that its sender died, and not whether the mail left.
_LAPSE = """
UPDATE messages SET delivery = 'unknown', delivery_claim = delivery_claim + 1, delivery_lost = delivery_lost + 1,
    delivery_due_at = CASE WHEN delivery_lost = 0 THEN $3::timestamptz END
WHERE id = $1 AND delivery = 'sending' AND delivery_due_at <= $2 RETURNING id, delivery_due_at
"""
_SEND_AGAIN = """
UPDATE messages SET delivery = 'queued', delivery_due_at = $3, delivery_asked_at = $3, delivery_tries = 0,
    delivery_lost = 0, delivery_claim = delivery_claim + 1
WHERE id = $1 AND interaction_id = $2 AND delivery_due_at IS NULL AND delivery IN ('failed', 'bounced', 'unknown')
RETURNING id
"""
_THREAD = """
SELECT external_id FROM messages
WHERE interaction_id = $1 AND seq < $2 AND external_id LIKE '<%' ORDER BY kind = 'inbound', seq
"""


@dataclass(frozen=True, slots=True)
class Fate:
    """What came of a try to send an answer."""

    state: str
    due_at: datetime | None = None
    lost: bool = False
    not_begun: bool = False


async def cursor(connection: AnyConnection, address: str) -> tuple[int, int]:
    """How far the mailbox has been read: UIDVALIDITY and the last UID."""
    row = await connection.fetchrow("SELECT uidvalidity, last_uid FROM mailboxes WHERE address = $1", address)
    return (0, 0) if row is None else (row["uidvalidity"], row["last_uid"])


async def set_cursor(connection: WriteConnection, address: str, uidvalidity: int, uid: int) -> None:
    """The mailbox has been read up to here."""
    await connection.execute(_SET_CURSOR, address, uidvalidity, uid)


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
    """Claim answers that are due to be sent."""
    return list(await connection.fetch(_CLAIM, now, until, limit))


async def postpone(connection: WriteConnection, claimed: Sequence[Row], due_at: datetime) -> None:
    """Give claimed answers back until later."""
    ids, claims = [row["id"] for row in claimed], [row["delivery_claim"] for row in claimed]
    await connection.execute(_POSTPONE, ids, claims, due_at)


async def begin(connection: WriteConnection, row: Row, until: datetime) -> bool:
    """Write down that an answer is handed to the mail server from now on; False if it is not ours any more."""
    return bool(await connection.fetchval(_BEGIN, row["id"], row["delivery_claim"], until))


async def settle(connection: WriteConnection, row: Row, fate: Fate) -> bool:
    """Write down what came of a claimed answer; False if somebody else has taken it over meanwhile."""
    lost, not_begun = int(fate.lost), int(fate.not_begun)
    return bool(
        await connection.fetchval(_SETTLE, row["id"], row["delivery_claim"], fate.state, fate.due_at, lost, not_begun)
    )


async def dead(connection: AnyConnection, now: datetime, limit: int) -> list[UUID]:
    """Answers whose sender died while sending."""
    return [row["id"] for row in await connection.fetch(_DEAD, now, limit)]


async def lapse(connection: WriteConnection, message_id: UUID, now: datetime, resend_at: datetime) -> Row | None:
    """Its sender died: it may have left, and is sent once more if that was the first time."""
    row: Row | None = await connection.fetchrow(_LAPSE, message_id, now, resend_at)
    return row


async def send_again(connection: WriteConnection, message_id: UUID, interaction_id: UUID, now: datetime) -> bool:
    """Send an answer that failed as if it had just been written; False if it has not failed."""
    return bool(await connection.fetchval(_SEND_AGAIN, message_id, interaction_id, now))


async def thread_of(connection: AnyConnection, interaction_id: UUID, before_seq: int) -> list[str]:
    """The Message-IDs of a conversation so far, the customer's last."""
    return [row["external_id"] for row in await connection.fetch(_THREAD, interaction_id, before_seq)]
