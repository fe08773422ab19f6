"""SQL about partner clients."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from careline.database import ReadSession, WriteSession
from directory.clients.models import ClientRow


async def find(session: ReadSession, client_id: UUID) -> ClientRow | None:
    """The client with this id, unless it was revoked."""
    statement = select(ClientRow).where(ClientRow.id == client_id, ClientRow.revoked_at.is_(None))
    return (await session.scalars(statement)).one_or_none()


async def page(session: ReadSession, *, after: UUID | None, limit: int) -> Sequence[ClientRow]:
    """Up to `limit` clients by age; revoked ones are left out."""
    statement = select(ClientRow).where(ClientRow.revoked_at.is_(None)).order_by(ClientRow.id).limit(limit)
    if after is not None:
        statement = statement.where(ClientRow.id > after)
    return (await session.scalars(statement)).all()


async def revoke(session: WriteSession, client_id: UUID, now: datetime) -> bool:
    """Let the client get no more tokens; False if there is none."""
    statement = (
        update(ClientRow)
        .where(ClientRow.id == client_id, ClientRow.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ClientRow.id)
    )
    return (await session.scalars(statement)).one_or_none() is not None
