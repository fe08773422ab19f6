"""What care has decided to send becomes a delivery."""

from collections.abc import Sequence
from datetime import datetime

from careline.clock import Clock
from careline.consumer import ManyHandler
from careline.database import WriteConnection, after_commit
from careline.events import Event
from careline.ids import decode
from careline.wakeups import Wakeup
from interaction_router.deliveries import repository
from interaction_router.deliveries.repository import NewDelivery

TOPIC = "care"


def handlers(clock: Clock, arrived: Wakeup) -> dict[str, ManyHandler]:
    """Handlers by event type; on the day of a festival care says ten thousands of these in a row."""

    async def due(connection: WriteConnection, events: Sequence[Event]) -> None:
        """Care's event is all that is kept until the content is asked for: ids and facts, nothing of the person."""
        await repository.insert(connection, [_delivery(event) for event in events], clock.now())
        after_commit(connection, arrived.set)

    return {"care.due": due}


def _delivery(event: Event) -> NewDelivery:
    facts = event.data
    return NewDelivery(
        care_id=decode("car", facts["care_id"]),
        customer_id=decode("cus", facts["customer_id"]),
        occasion=facts["occasion"],
        purpose=facts["purpose"],
        means=facts["means"],
        reference=facts["reference"],
        not_before=datetime.fromisoformat(facts["due_at"]),
        not_after=datetime.fromisoformat(facts["not_after"]),
    )
