"""SQL about leaving."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from careline.database import ReadSession, WriteSession
from directory.leavings.models import AcknowledgementRow, LeavingRow
from directory.people.models import PersonRow


async def find(session: ReadSession | WriteSession, leaving_id: UUID) -> LeavingRow | None:
    """The leaving with this id."""
    return await session.get(LeavingRow, leaving_id)


async def lock(session: WriteSession, leaving_id: UUID) -> LeavingRow | None:
    """The leaving, which stays as it is for others until this transaction ends."""
    return await session.get(LeavingRow, leaving_id, with_for_update=True)


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


async def acknowledge(
    session: WriteSession, leaving_id: UUID, service: str, moved: Mapping[str, int], at: datetime
) -> None:
    """Keep a service's word; the first one counts."""
    statement = insert(AcknowledgementRow).values(
        leaving_id=leaving_id, service=service, moved=dict(moved), acknowledged_at=at
    )
    await session.execute(statement.on_conflict_do_nothing())


async def acknowledged_by(session: WriteSession, leaving_id: UUID) -> set[str]:
    """The services that have given their word."""
    statement = select(AcknowledgementRow.service).where(AcknowledgementRow.leaving_id == leaving_id)
    return set((await session.scalars(statement)).all())
