"""What happens here when people come and go."""

from careline.database import WriteConnection
from careline.events import Event
from careline.ids import decode, encode
from careline.outbox import Outbox
from customer_profile.events import LeavingAcknowledged, OwnerChanged
from customer_profile.staff import repository

SERVICE = "profile"


class NobodyStaysError(Exception):
    """The chain of successors ends with somebody who has left; the directory does not allow it."""


async def registered(connection: WriteConnection, event: Event) -> None:
    """Somebody works here from now on."""
    await repository.ensure(connection, decode("per", event.data["person_id"]))


async def deactivated(connection: WriteConnection, event: Event) -> None:
    """Somebody has left."""
    await repository.left(connection, decode("per", event.data["person_id"]))


async def leaving(connection: WriteConnection, outbox: Outbox, event: Event) -> None:
    """Pass the person's accounts on, refuse them new ones, and say so: all of it in one transaction."""
    person_id, successor_id = (decode("per", event.data[name]) for name in ("person_id", "successor_id"))
    # The successor's own registration may still be under way: people are in order each, not among one another.
    for somebody in sorted((person_id, successor_id)):
        await repository.ensure(connection, somebody)
    await repository.leaves(connection, person_id, successor_id)
    heir = await repository.who_stays(connection, successor_id)
    if heir is None:
        raise NobodyStaysError(encode("per", successor_id))
    moved = await repository.pass_on(connection, person_id, heir, event.occurred_at)
    await repository.tell_all(
        connection,
        [
            outbox.row(
                OwnerChanged(customer_id=customer_id, owner_id=heir),
                encode("cus", customer_id),
                version,
                event.occurred_at,
            )
            for customer_id, version in moved
        ],
    )
    word = LeavingAcknowledged(
        leaving_id=decode("lve", event.data["leaving_id"]),
        person_id=person_id,
        service=SERVICE,
        moved={"customers": len(moved)},
    )
    leaving_id = event.data["leaving_id"]
    await outbox.append(connection, word, aggregate_id=leaving_id, sequence=1, occurred_at=event.occurred_at)
