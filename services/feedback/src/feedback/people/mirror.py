"""What the directory says of people, departments and calendars, kept so that a complaint never has to ask."""

from typing import Any, Final
from uuid import UUID

from careline.app import Service
from careline.consumer import Handler
from careline.database import WriteConnection
from careline.events import Event
from careline.ids import decode
from feedback.context import Work, work_in
from feedback.people.leaving import leave
from feedback.standards import calendars

# A person of whom others speak first (as a successor, as a head) is known from then on.
_MEET: Final = "INSERT INTO people (id) VALUES ($1) ON CONFLICT DO NOTHING"
_ROLES: Final = "UPDATE people SET roles = $2 WHERE id = $1"
_DEPARTMENT_OF: Final = "UPDATE people SET department_id = $2 WHERE id = $1"
_DEPARTMENT: Final = """
INSERT INTO departments AS known (id, key, head_id, version) VALUES ($1, $2, $3, $4)
ON CONFLICT (id) DO UPDATE SET key = excluded.key, head_id = excluded.head_id, version = excluded.version
WHERE known.version < excluded.version
"""


async def meet(work: Work, person_id: UUID) -> None:
    """Know that somebody works here."""
    await work.execute(_MEET, person_id)


def handlers(service: Service) -> dict[str, Handler]:
    """Event type → what it changes here."""

    async def registered(connection: WriteConnection, event: Event) -> None:
        work = work_in(service, connection)
        person_id = await _person(work, event)
        await work.execute(_ROLES, person_id, event.data["roles"])
        if "department_id" in event.data:
            await work.execute(_DEPARTMENT_OF, person_id, _id("dep", event.data["department_id"]))

    async def department_changed(connection: WriteConnection, event: Event) -> None:
        work = work_in(service, connection)
        await work.execute(_DEPARTMENT_OF, await _person(work, event), _id("dep", event.data["department_id"]))

    async def leaving(connection: WriteConnection, event: Event) -> None:
        work = work_in(service, connection)
        person_id = await _person(work, event)
        successor_id = decode("per", event.data["successor_id"])
        await meet(work, successor_id)
        await leave(work, person_id, successor_id, event.data["leaving_id"])

    async def deactivated(connection: WriteConnection, event: Event) -> None:
        """The end of a leaving; or of an account that ended without one, whose work somebody must have all the same."""
        work = work_in(service, connection)
        person_id = await _person(work, event)
        await leave(work, person_id, None, None)
        await work.execute("UPDATE people SET state = 'left' WHERE id = $1", person_id)

    async def department(connection: WriteConnection, event: Event) -> None:
        work = work_in(service, connection)
        head_id = _id("per", event.data["head_id"])
        if head_id is not None:
            await meet(work, head_id)
        await work.execute(
            _DEPARTMENT, decode("dep", event.data["department_id"]), event.data["key"], head_id, event.sequence
        )

    async def calendar(connection: WriteConnection, event: Event) -> None:
        await calendars.keep(work_in(service, connection), event.data["key"], event.data["version"], event.data)

    return {
        "person.registered": registered,
        "person.roles_changed": registered,
        "person.department_changed": department_changed,
        "person.leaving": leaving,
        "person.deactivated": deactivated,
        "department.registered": department,
        "department.changed": department,
        "calendar.changed": calendar,
    }


async def _person(work: Work, event: Event) -> UUID:
    person_id = decode("per", event.data["person_id"])
    await meet(work, person_id)
    return person_id


def _id(prefix: str, text: Any) -> UUID | None:
    return decode(prefix, text) if text else None
