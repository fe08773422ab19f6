"""SQL about leaving."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from careline.database import ReadSession, WriteSession
from directory.leavings.models import LeavingRow
from directory.people.models import PersonRow


async def find(session: ReadSession, leaving_id: UUID) -> LeavingRow | None:
    """The leaving with this id."""
    return await session.get(LeavingRow, leaving_id)


async def of_person(session: ReadSession | WriteSession, person_id: UUID) -> LeavingRow | None:
    """The person's leaving, if it has begun."""
    return (await session.scalars(select(LeavingRow).where(LeavingRow.person_id == person_id))).one_or_none()


async def page(session: ReadSession, *, after: UUID | None, limit: int) -> Sequence[LeavingRow]:
    """Up to `limit` leavings, the last begun first."""
    statement = select(LeavingRow).order_by(LeavingRow.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(LeavingRow.id < after)
    return (await session.scalars(statement)).all()


async def lock_people(session: WriteSession, ids: Sequence[UUID]) -> dict[UUID, PersonRow]:
    """These people, locked in one order, so that two who succeed each other wait in a line and not in a ring."""
    statement = select(PersonRow).where(PersonRow.id.in_(ids)).order_by(PersonRow.id).with_for_update()
    return {row.id: row for row in await session.scalars(statement.execution_options(populate_existing=True))}
