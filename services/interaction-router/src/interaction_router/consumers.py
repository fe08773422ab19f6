"""What the router learns from others: who works here."""

from careline.clock import Clock
from careline.consumer import Handler
from careline.database import WriteConnection
from careline.events import Event
from careline.ids import decode
from careline.statements import execute
from interaction_router.agents import leaving, repository

# The directory's roles that carry the scope desk:use.
DESK_ROLES = frozenset({"agent", "supervisor"})


def handlers(clock: Clock) -> dict[str, Handler]:
    """Handlers by event type."""

    async def may_use_the_desk(connection: WriteConnection, event: Event) -> None:
        """A new colleague can be prepared before she first signs in; who never takes work is no agent."""
        if not DESK_ROLES.isdisjoint(event.data["roles"]):
            await repository.register(connection, decode("per", event.data["person_id"]), "", clock.now())

    async def deactivated(connection: WriteConnection, event: Event) -> None:
        """Her work is given back by a job: it needs locks in the router's order."""
        person_id = decode("per", event.data["person_id"])
        await repository.register(connection, person_id, "", clock.now())
        await execute(connection, "UPDATE agents SET active = false WHERE id = $1", person_id)

    async def leaves(connection: WriteConnection, event: Event) -> None:
        """Whoever was unknown must not become an active agent with a token that is good for a while."""
        await repository.register(connection, decode("per", event.data["person_id"]), "", clock.now())
        await leaving.note(connection, event)

    return {
        "person.leaving": leaves,
        "person.registered": may_use_the_desk,
        "person.roles_changed": may_use_the_desk,
        "person.deactivated": deactivated,
    }
