"""Transactional outbox: an event is kept in the transaction of the write that it tells of.

The columns mean what Debezium's outbox event router expects, so that change data capture can take the relay's place.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from careline.database import Transaction, after_commit
from careline.events import EventCatalogue, EventPayload
from careline.ids import new_id
from careline.statements import execute
from careline.tracing import current_traceparent
from careline.wakeups import Wakeup

_INSERT = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7)
"""
# In the order given, whoever plans the statement: positions say in which order the events of one key leave.
_INSERT_MANY = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
SELECT id, aggregatetype, aggregateid, type, sequence, payload, occurred_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::jsonb[], $7::timestamptz[])
    WITH ORDINALITY AS given (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at, place)
ORDER BY place
"""


class Outbox:
    """Appends events of one service's catalogue and wakes the relay once they are committed."""

    def __init__(self, catalogue: EventCatalogue) -> None:
        self._catalogue = catalogue
        self.appended = Wakeup()

    async def append(
        self,
        transaction: Transaction,
        payload: EventPayload,
        *,
        aggregate_id: str,
        sequence: int,
        occurred_at: datetime,
    ) -> UUID:
        """Keep `payload` as the aggregate's event number `sequence` and return the event's id.

        `sequence` is the aggregate's version, taken under its row lock: that is what makes the order per key true.
        """
        row = self.row(payload, aggregate_id, sequence, occurred_at)
        await execute(transaction, _INSERT, *row)
        after_commit(transaction, self.appended.set)
        return row[0]

    async def append_many(
        self, transaction: Transaction, items: Sequence[tuple[EventPayload, str, int, datetime]]
    ) -> None:
        """Keep many events (payload, aggregate_id, sequence, occurred_at) in one statement."""
        if not items:
            return
        rows = [self.row(*item) for item in items]
        await execute(transaction, _INSERT_MANY, *(list(column) for column in zip(*rows, strict=True)))
        after_commit(transaction, self.appended.set)

    def row(
        self, payload: EventPayload, aggregate_id: str, sequence: int, occurred_at: datetime
    ) -> tuple[UUID, str, str, str, int, str, datetime]:
        """The columns of an event, validated, for a hot path that inserts them within a statement of its own."""
        event_id = new_id()
        rendered = self._catalogue.render(
            payload,
            event_id=event_id,
            aggregate_id=aggregate_id,
            sequence=sequence,
            occurred_at=occurred_at,
            traceparent=current_traceparent(),
        )
        return event_id, payload.aggregate_type, aggregate_id, payload.type, sequence, rendered, occurred_at
