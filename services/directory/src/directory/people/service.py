"""What happens to people. Each change takes the person's row lock, counts the version and tells of itself."""

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from careline.database import ReadSession, WriteSession
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.problems import Conflict, NotFound, PreconditionFailed
from directory.people import repository
from directory.people.events import PersonDeactivated, PersonRegistered, PersonRolesChanged
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
        registered_at=now,
        deactivated_at=None,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError as fault:
        if "uq_people_login" not in str(fault.orig):
            raise
        raise LoginTaken("Choose another login.") from None
    registered = PersonRegistered(person_id=row.id, roles=sorted(person.roles))
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
    _keep_an_admin(admins, row.id)
    row.version += 1
    row.name = change.name or row.name
    row.locale = change.locale or row.locale
    if password_hash is not None:
        row.password_hash = password_hash
        await repository.end_sessions(session, row.id)
    if change.roles is not None and sorted(change.roles) != row.roles:
        row.roles = sorted(change.roles)
        changed = PersonRolesChanged(person_id=row.id, roles=sorted(change.roles))
        await outbox.append(session, changed, aggregate_id=encode("per", row.id), sequence=row.version, occurred_at=now)
    _log.info("person.changed", person=encode("per", row.id), fields=sorted(change.model_fields_set))
    return row


async def deactivate(session: WriteSession, outbox: Outbox, person_id: UUID, *, now: datetime) -> PersonRow:
    """The person works here no more: sessions end, nothing is deleted. Once more changes nothing."""
    admins = await repository.lock_active_admins(session)
    row = _found(await repository.lock(session, person_id), person_id)
    if not row.active:
        return row
    _keep_an_admin(admins, row.id)
    row.version += 1
    row.deactivated_at = now
    await repository.end_sessions(session, row.id)
    gone = PersonDeactivated(person_id=row.id)
    await outbox.append(session, gone, aggregate_id=encode("per", row.id), sequence=row.version, occurred_at=now)
    _log.info("person.deactivated", person=encode("per", row.id))
    return row


def _found(row: PersonRow | None, person_id: UUID) -> PersonRow:
    if row is None:
        raise NotFound("person", encode("per", person_id))
    return row


def _keep_an_admin(admins: set[UUID], leaving: UUID) -> None:
    if admins == {leaving}:
        raise LastAdmin("Make somebody else an admin first.")
