"""SQL about departments."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from careline.database import ReadSession, WriteSession
from directory.departments.models import DepartmentRow


async def every(session: ReadSession) -> Sequence[DepartmentRow]:
    """All departments by key; a company has few."""
    return (await session.scalars(select(DepartmentRow).order_by(DepartmentRow.key))).all()


async def find(session: ReadSession | WriteSession, department_id: UUID) -> DepartmentRow | None:
    """The department with this id."""
    return await session.get(DepartmentRow, department_id)


async def lock(session: WriteSession, department_id: UUID) -> DepartmentRow | None:
    """The department, which stays as it is for others until this transaction ends."""
    return await session.get(DepartmentRow, department_id, with_for_update=True)


async def lock_headed_by(session: WriteSession, person_id: UUID) -> Sequence[DepartmentRow]:
    """The departments that the person heads, locked in one order."""
    statement = select(DepartmentRow).where(DepartmentRow.head_id == person_id).order_by(DepartmentRow.id)
    return (await session.scalars(statement.with_for_update())).all()
