"""Mails that opened nothing, because a machine seems to have written them; kept for a while, for a person to look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from careline.database import WriteConnection
from careline.objects import ObjectNotFoundError, ObjectStore
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.unit import Units

KEPT_FOR = timedelta(days=30)
PRUNE_BATCH = 200

_KEEP = """
INSERT INTO ignored_mails (id, external_id, sender, subject, kind, size, object_key, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id
"""
_PAGE = """
SELECT * FROM ignored_mails
WHERE ($1::text IS NULL OR kind = $1) AND (received_at, id) < ($2, $3)
ORDER BY received_at DESC, id DESC LIMIT $4
"""
_RELEASE = """
UPDATE ignored_mails SET released_at = $2, released_by = $3 WHERE id = $1 AND released_at IS NULL RETURNING id
"""
_OLD = "SELECT id, object_key FROM ignored_mails WHERE received_at < $1 ORDER BY received_at LIMIT $2"


@dataclass(frozen=True, slots=True)
class Ignored:
    """A mail that is not let in."""

    id: UUID
    external_id: str
    sender: str
    subject: str
    kind: str
    size: int

    @property
    def object_key(self) -> str:
        """Where its bytes are."""
        return f"ignored/{self.id}"


async def keep(connection: WriteConnection, mail: Ignored, now: datetime) -> bool:
    """Remember a mail; False if it is known already."""
    kept = await connection.fetchval(
        _KEEP, mail.id, mail.external_id, mail.sender, mail.subject, mail.kind, mail.size, mail.object_key, now
    )
    return kept is not None


async def page(connection: AnyConnection, kind: str | None, before: tuple[datetime, UUID], limit: int) -> list[Row]:
    """Ignored mails before a place in the list, newest first."""
    return list(await connection.fetch(_PAGE, kind, *before, limit))


async def find(connection: AnyConnection, ignored_id: UUID) -> Row | None:
    """One ignored mail."""
    row: Row | None = await connection.fetchrow("SELECT * FROM ignored_mails WHERE id = $1", ignored_id)
    return row


async def release(connection: WriteConnection, ignored_id: UUID, now: datetime, by: str) -> bool:
    """Let it in; False if somebody has done so already."""
    return bool(await connection.fetchval(_RELEASE, ignored_id, now, by))


async def prune(units: Units, objects: ObjectStore) -> None:
    """Forget what is older than `KEPT_FOR`; the content first, for without its row nobody would know of it."""
    before = units.clock.now() - KEPT_FOR
    async with units.database.read_raw() as connection:
        old = await connection.fetch(_OLD, before, PRUNE_BATCH)
    for row in old:
        try:
            if row["object_key"] is not None:
                await objects.delete(row["object_key"])
        except (ObjectNotFoundError, FileNotFoundError):
            pass
        async with units.database.write_raw() as writing:
            await writing.execute("DELETE FROM ignored_mails WHERE id = $1", row["id"])
