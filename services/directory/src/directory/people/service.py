"""What happens to people. Each change takes the person's row lock, counts the version and tells of itself."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from careline.database import ReadSession, WriteSession
from careline.events import EventPayload
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.problems import Conflict, InvalidInput, NotFound, PreconditionFailed
from directory.people import repository
from directory.people.events import PersonDepartmentChanged, PersonRegistered, PersonRolesChanged
from directory.people.models import PersonRow
from directory.people.roles import Role
from directory.people.schemas import PersonChange, PersonInput

_log = structlog.get_logger("directory.people")


class LoginTaken(Conflict):
    """Somebody else signs in with this login."""

    type_name = "login-taken"
    title = "The login is taken"


class LastAdmin(Conflict):
    """Nobody could administer any more."""

    type_name = "last-admin"
    title = "Somebody must administer"


class NotActive(Conflict):
    """The person does not work here any more."""

    type_name = "person-not-active"
    title = "The person is not active"


async def get(session: ReadSession, person_id: UUID) -> PersonRow:
    """The person; NotFound otherwise."""
    return _found(await repository.find(session, person_id), person_id)


async def register(
    session: WriteSession, outbox: Outbox, person: PersonInput, *, password_hash: str | None, now: datetime
) -> PersonRow:
    """Somebody new; LoginTaken if the login is not."""
    row = PersonRow(
        id=new_id(),
        login=person.login,
        name=person.name,
        locale=person.locale,
        roles=sorted(person.roles),
        password_hash=password_hash,
        version=1,
        department_id=person.department_id,
        registered_at=now,
        deactivated_at=None,
        left_at=None,
    )
    session.add(row)
    await _write(session)
    registered = PersonRegistered(person_id=row.id, roles=sorted(person.roles), department_id=row.department_id)
    await outbox.append(session, registered, aggregate_id=encode("per", row.id), sequence=1, occurred_at=now)
    _log.info("person.registered", person=encode("per", row.id))
    return row


async def change(
    session: WriteSession,
    outbox: Outbox,
    person_id: UUID,
    change: PersonChange,
    *,
    expected_version: int | None,
    password_hash: str | None,
    now: datetime,
) -> PersonRow:
    """Change what `change` names; a new password ends the person's sessions."""
    admins = set[UUID]()
    if change.roles is not None and Role.ADMIN not in change.roles:
        admins = await repository.lock_active_admins(session)
    row = _found(await repository.lock(session, person_id), person_id)
    if expected_version is not None and row.version != expected_version:
        raise PreconditionFailed("Somebody changed this person meanwhile; read again, then decide.")
    if not row.active:
        raise NotActive("A person who was deactivated stays as they were.")
    keep_an_admin(admins, row.id)
    row.name = change.name or row.name
    row.locale = change.locale or row.locale
    if password_hash is not None:
        row.password_hash = password_hash
        await repository.end_sessions(session, row.id)
    told: list[EventPayload] = []
    if "department_id" in change.model_fields_set and change.department_id != row.department_id:
        row.department_id = change.department_id
        told.append(PersonDepartmentChanged(person_id=row.id, department_id=row.department_id))
    if change.roles is not None and sorted(change.roles) != row.roles:
        row.roles = sorted(change.roles)
        told.append(PersonRolesChanged(person_id=row.id, roles=sorted(change.roles), department_id=row.department_id))
    row.version += max(1, len(told))
    await _write(session)
    await tell(session, outbox, row, told, now=now)
    _log.info("person.changed", person=encode("per", row.id), fields=sorted(change.model_fields_set))
    return row


async def tell(
    session: WriteSession, outbox: Outbox, row: PersonRow, payloads: Sequence[EventPayload], *, now: datetime
) -> None:
    """Append what happened to the person; its version, counted before, is the sequence of the last event."""
    for sequence, payload in enumerate(payloads, start=row.version - len(payloads) + 1):
        await outbox.append(session, payload, aggregate_id=encode("per", row.id), sequence=sequence, occurred_at=now)


async def _write(session: WriteSession) -> None:
    try:
        await session.flush()
    except IntegrityError as fault:
        if "uq_people_login" in str(fault.orig):
            raise LoginTaken("Choose another login.") from None
        if "fk_people_department_id" in str(fault.orig):
            raise InvalidInput("department_id", "unknown department", "Take one of the list of departments.") from None
        raise


def _found(row: PersonRow | None, person_id: UUID) -> PersonRow:
    if row is None:
        raise NotFound("person", encode("per", person_id))
    return row


def keep_an_admin(admins: set[UUID], leaving: UUID) -> None:
    """Raise LastAdmin if `leaving` is the only one of `admins`."""
    if admins == {leaving}:
        raise LastAdmin("Make somebody else an admin first.")
