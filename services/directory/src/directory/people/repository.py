"""SQL about people."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from careline.database import ReadSession, WriteSession
from directory.people.models import PersonRow
from directory.people.roles import Role


async def find(session: ReadSession | WriteSession, person_id: UUID) -> PersonRow | None:
    """The person with this id."""
    return await session.get(PersonRow, person_id)


async def find_by_login(session: ReadSession, login: str) -> PersonRow | None:
    """The person who signs in with `login`."""
    return (await session.scalars(select(PersonRow).where(PersonRow.login == login))).one_or_none()


async def lock(session: WriteSession, person_id: UUID) -> PersonRow | None:
    """The person, who stays as they are for others until this transaction ends."""
    return await session.get(PersonRow, person_id, with_for_update=True)


async def page(
    session: ReadSession, *, ids: Sequence[UUID] | None, after: UUID | None, limit: int
) -> Sequence[PersonRow]:
    """Up to `limit` people by age of their record; only those in `ids` if it is given."""
    statement = select(PersonRow).order_by(PersonRow.id).limit(limit)
    if ids is not None:
        statement = statement.where(PersonRow.id.in_(ids))
    if after is not None:
        statement = statement.where(PersonRow.id > after)
    return (await session.scalars(statement)).all()


async def lock_active_admins(session: WriteSession) -> set[UUID]:
    """Who administers; locked in one order, so that two who resign at once wait for one another."""
    statement = (
        select(PersonRow.id)
        .where(PersonRow.deactivated_at.is_(None), PersonRow.roles.contains([Role.ADMIN.value]))
        .order_by(PersonRow.id)
        .with_for_update()
    )
    return set((await session.scalars(statement)).all())


async def somebody_exists(session: AsyncSession) -> bool:
    """Whether there is anybody at all."""
    return (await session.scalars(select(PersonRow.id).limit(1))).first() is not None


async def keep_others_from_registering(session: WriteSession) -> None:
    """Nobody else can add a person until this transaction ends."""
    await session.execute(text("LOCK TABLE people IN SHARE ROW EXCLUSIVE MODE"))


async def end_sessions(session: WriteSession, person_id: UUID) -> None:
    """Whoever is signed in as this person is so no more."""
    await session.execute(text("DELETE FROM sessions WHERE person_id = :person_id"), {"person_id": person_id})
