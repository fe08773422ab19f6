"""People leave: sign-in ends at once, the rest when every service has passed on what it holds of them."""

from datetime import datetime
from uuid import UUID

import structlog

from careline.database import ReadSession, WriteSession
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.problems import Conflict, InvalidInput, NotFound
from directory.departments import service as departments
from directory.leavings import repository
from directory.leavings.models import LeavingRow
from directory.leavings.schemas import LeavingInput
from directory.people import repository as people
from directory.people.events import PersonLeaving
from directory.people.service import NotActive, keep_an_admin, tell

_log = structlog.get_logger("directory.leavings")


class SuccessorNotActive(Conflict):
    """Whoever takes over must stay."""

    type_name = "successor-not-active"
    title = "The successor is not active"


async def begin(
    session: WriteSession, outbox: Outbox, person_id: UUID, body: LeavingInput, *, now: datetime
) -> LeavingRow:
    """The person begins to leave; asked again, it is answered how far the leaving has come."""
    if body.successor_id == person_id:
        raise InvalidInput("successor_id", "the person who leaves", "Choose somebody else.")
    admins = await people.lock_active_admins(session)
    found = await repository.lock_people(session, [person_id, body.successor_id])
    row, successor = found.get(person_id), found.get(body.successor_id)
    if row is None:
        raise NotFound("person", encode("per", person_id))
    begun = await repository.of_person(session, person_id)
    if begun is not None:
        return begun
    if not row.active:
        raise NotActive("The person left before there were successors.")
    if successor is None:
        raise InvalidInput("successor_id", "unknown person", "Take one of the list of people.")
    if not successor.active:
        raise SuccessorNotActive("Choose somebody who is not leaving.")
    keep_an_admin(admins, row.id)
    leaving = LeavingRow(
        id=new_id(), person_id=row.id, successor_id=successor.id, note=body.note, began_at=now, acknowledgements=[]
    )
    session.add(leaving)
    row.version += 1
    row.deactivated_at = now
    await session.flush()
    await people.end_sessions(session, row.id)
    event = PersonLeaving(leaving_id=leaving.id, person_id=row.id, successor_id=successor.id)
    await tell(session, outbox, row, [event], now=now)
    await departments.pass_on(session, outbox, row.id, successor.id, now=now)
    _log.info("person.leaving", person=encode("per", row.id), leaving=encode("lve", leaving.id))
    return leaving


async def get(session: ReadSession, leaving_id: UUID) -> LeavingRow:
    """The leaving; NotFound otherwise."""
    row = await repository.find(session, leaving_id)
    if row is None:
        raise NotFound("leaving", encode("lve", leaving_id))
    return row
