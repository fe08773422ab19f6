"""Where messages are kept."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from careline.database import WriteConnection
from careline.ids import new_id
from interaction_router.interactions.rows import SELECT_MESSAGE, AnyConnection, Row

_INSERT = """
INSERT INTO messages (id, interaction_id, seq, channel, kind, author_kind, author_id, author_name, text, language,
    subject, external_id, identity, html_available, sent_at, delivery, delivery_due_at,
    template_id, content_hash, cc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::timestamptz, $16::text,
    CASE WHEN $16::text = 'queued' THEN $15::timestamptz END, $17, $18, $19)
"""
_PAGE = "WHERE m.interaction_id = $1 AND m.seq < $2 ORDER BY m.seq DESC LIMIT $3"
SNIPPET_CHARS = 140


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file whose content is in the object store already."""

    name: str
    media_type: str
    size: int
    object_key: str
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a new message consists of."""

    channel: str
    kind: str
    author_kind: str
    author_name: str
    text: str
    sent_at: datetime
    author_id: UUID | None = None
    language: str | None = None
    subject: str | None = None
    external_id: str | None = None
    identity: str | None = None
    html_available: bool = False
    delivery: str | None = None
    template_id: UUID | None = None
    content_hash: bytes | None = None
    cc: tuple[str, ...] = ()
    files: tuple[StoredFile, ...] = ()
    id: UUID = field(default_factory=new_id)


async def insert(connection: WriteConnection, interaction_id: UUID, seq: int, new: NewMessage) -> None:
    """Keep a message and its files; UniqueViolationError if its external id is known already."""
    await connection.execute(
        _INSERT,
        new.id,
        interaction_id,
        seq,
        new.channel,
        new.kind,
        new.author_kind,
        new.author_id,
        new.author_name,
        new.text,
        new.language,
        new.subject,
        new.external_id,
        new.identity,
        new.html_available,
        new.sent_at,
        new.delivery,
        new.template_id,
        new.content_hash,
        list(new.cc),
    )
    for file in new.files:
        await connection.execute(
            "INSERT INTO attachments (id, message_id, name, media_type, size, object_key) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            file.id,
            new.id,
            file.name,
            file.media_type,
            file.size,
            file.object_key,
        )


async def find_external(connection: AnyConnection, channel: str, external_id: str) -> Row | None:
    """The message that has come under this id before."""
    row: Row | None = await connection.fetchrow(
        "SELECT id, interaction_id, content_hash FROM messages WHERE channel = $1 AND external_id = $2",
        channel,
        external_id,
    )
    return row


async def find(connection: AnyConnection, message_id: UUID) -> Row:
    """One message that exists."""
    row = await connection.fetchrow(SELECT_MESSAGE + "WHERE m.id = $1", message_id)
    if row is None:
        raise LookupError(message_id)
    return row


async def page(connection: AnyConnection, interaction_id: UUID, before: int, limit: int) -> list[Row]:
    """Messages before a number, newest first."""
    return list(await connection.fetch(SELECT_MESSAGE + _PAGE, interaction_id, before, limit))


def snippet(text: str) -> str:
    """The beginning of a text in one line."""
    return " ".join(text.split())[:SNIPPET_CHARS]
