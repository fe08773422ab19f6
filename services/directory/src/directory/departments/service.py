"""What happens to departments. Each change takes the row lock, counts the version and tells of itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from careline.database import ReadSession, WriteSession
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.problems import Conflict, InvalidInput, NotFound
from directory.departments import repository
from directory.departments.events import DepartmentChanged, DepartmentRegistered
from directory.departments.models import DepartmentRow
from directory.departments.schemas import DepartmentChange, DepartmentInput, DepartmentName


class KeyTaken(Conflict):
    """Another department has this key."""

    type_name = "department-key-taken"
    title = "The key is taken"


async def get(session: ReadSession, department_id: UUID) -> DepartmentRow:
    """The department; NotFound otherwise."""
    return _found(await repository.find(session, department_id), department_id)


async def register(session: WriteSession, outbox: Outbox, body: DepartmentInput, *, now: datetime) -> DepartmentRow:
    """A new department; KeyTaken if there is one with its key."""
    row = DepartmentRow(id=new_id(), key=body.key, name=_names(body.name), head_id=body.head_id, version=1)
    session.add(row)
    await _write(session)
    event = DepartmentRegistered(department_id=row.id, key=row.key, head_id=row.head_id)
    await outbox.append(session, event, aggregate_id=encode("dep", row.id), sequence=1, occurred_at=now)
    return row


async def change(
    session: WriteSession, outbox: Outbox, department_id: UUID, body: DepartmentChange, *, now: datetime
) -> DepartmentRow:
    """Change what `body` names and tell of it; nothing named is nothing changed."""
    row = _found(await repository.lock(session, department_id), department_id)
    if not body.model_fields_set:
        return row
    row.key = body.key or row.key
    row.name = _names(body.name) if body.name else row.name
    if "head_id" in body.model_fields_set:
        row.head_id = body.head_id
    await _tell_changed(session, outbox, row, now)
    return row


async def pass_on(session: WriteSession, outbox: Outbox, leaver: UUID, successor: UUID, *, now: datetime) -> int:
    """Make the successor head of all that the leaver heads; how many departments that are."""
    rows = await repository.lock_headed_by(session, leaver)
    for row in rows:
        row.head_id = successor
        await _tell_changed(session, outbox, row, now)
    return len(rows)


async def _tell_changed(session: WriteSession, outbox: Outbox, row: DepartmentRow, now: datetime) -> None:
    row.version += 1
    await _write(session)
    event = DepartmentChanged(department_id=row.id, key=row.key, head_id=row.head_id)
    await outbox.append(session, event, aggregate_id=encode("dep", row.id), sequence=row.version, occurred_at=now)


async def _write(session: WriteSession) -> None:
    try:
        await session.flush()
    except IntegrityError as fault:
        reason = str(fault.orig)
        if "uq_departments_key" in reason:
            raise KeyTaken("Choose another key.") from None
        if "the head of a department must be active" in reason:
            raise InvalidInput("head_id", "nobody who works here", "Choose somebody who is not leaving.") from None
        raise


def _names(name: DepartmentName) -> dict[str, str]:
    return name.model_dump(by_alias=True)


def _found(row: DepartmentRow | None, department_id: UUID) -> DepartmentRow:
    if row is None:
        raise NotFound("department", encode("dep", department_id))
    return row
