"""Recording purchases: once, whatever is repeated."""

import json
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from careline.clock import Clock
from careline.crash import crash_point
from careline.database import Database, WriteConnection, after_commit
from careline.idempotency import IdempotentRequest
from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.problems import Conflict, InvalidInput
from customer_profile.context import Work
from customer_profile.events import PurchaseRecorded
from customer_profile.purchases import buyers, repository
from customer_profile.purchases.schemas import Purchase, PurchaseInput


class PurchaseDiffers(Conflict):
    """The shop has used this external id for another purchase."""

    type_name = "purchase-differs"
    title = "Another purchase has this external id"


@dataclass(frozen=True, slots=True)
class Recorded:
    """The answer: the purchase as JSON, and whether this request recorded it."""

    body: str
    created: bool


@dataclass(frozen=True, slots=True)
class Purchases:
    """Records purchases in the running service."""

    database: Database
    outbox: Outbox
    clock: Clock

    async def record(self, body: PurchaseInput, caller: str, once: IdempotentRequest) -> Recorded:
        """Record the purchase; the same one under another key is answered with what was recorded."""
        source = body.source or caller
        try:
            # A buyer named by our id needs one statement; one named otherwise may have to be registered before it.
            edge = self.database.write_one_statement if body.customer.id else self._transaction
            async with edge() as connection:
                recorded = await self._record(connection, body, source, caller, once)
        except asyncpg.UniqueViolationError as fault:
            if fault.constraint_name != "uq_purchases_external_id":
                raise
            return await self._recorded_before(body, source)
        except asyncpg.ForeignKeyViolationError:
            raise InvalidInput("customer.id", "unknown customer", "Register the customer first.") from None
        crash_point("edge.after_commit")
        return recorded

    def _transaction(self) -> AbstractAsyncContextManager[WriteConnection]:
        return self.database.at_the_edge(self.database.write_raw())

    async def _record(
        self, connection: WriteConnection, body: PurchaseInput, source: str, caller: str, once: IdempotentRequest
    ) -> Recorded:
        work = Work(connection, self.outbox, self.clock.now())
        customer_id = body.customer.id
        if customer_id is None:
            assert body.customer.identifier is not None  # noqa: S101 -- the schema wants one of the two
            customer_id = await buyers.buyer(work, body.customer.identifier)
        purchase = _purchase(body, customer_id, source, work)
        rendered = purchase.model_dump_json()
        if not await repository.record(connection, *_arguments(purchase, rendered, caller, once, self.outbox)):
            await once.answer_again(connection, caller)
        after_commit(connection, self.outbox.appended.set)
        return Recorded(rendered, created=True)

    async def _recorded_before(self, body: PurchaseInput, source: str) -> Recorded:
        async with self.database.write_raw() as connection:
            work = Work(connection, self.outbox, self.clock.now())
            customer_id = body.customer.id or await buyers.buyer(work, body.customer.identifier)  # type: ignore[arg-type]
            found = await repository.find(connection, external_id=body.external_id, source=source)
        assert found is not None  # noqa: S101 -- purchases are never deleted
        purchase = Purchase(**found)
        wanted = _purchase(body, customer_id, source, work)
        if purchase.model_dump(exclude={"id", "recorded_at"}) != wanted.model_dump(exclude={"id", "recorded_at"}):
            raise PurchaseDiffers(
                "Use a new external_id for a new purchase.", purchase_id=encode("pur", purchase.id), source=source
            )
        return Recorded(purchase.model_dump_json(), created=False)


def _purchase(body: PurchaseInput, customer_id: UUID, source: str, work: Work) -> Purchase:
    # Every part has been validated on its way in.
    return Purchase.model_construct(
        id=new_id(),
        customer_id=customer_id,
        source=source,
        external_id=body.external_id,
        purchased_at=body.purchased_at,
        items=body.items,
        total_minor=body.total_minor,
        currency=body.currency,
        recorded_at=work.now,
    )


def _arguments(
    purchase: Purchase, rendered: str, caller: str, once: IdempotentRequest, outbox: Outbox
) -> tuple[object, ...]:
    event = PurchaseRecorded(
        customer_id=purchase.customer_id,
        purchase_id=purchase.id,
        purchased_at=purchase.purchased_at,
        total_minor=purchase.total_minor,
        currency=purchase.currency,
        source=purchase.source,
    )
    # The statement puts in the sequence, which only the customer's row lock can tell.
    event_id, _, aggregate_id, kind, _, payload, occurred_at = outbox.row(
        event, encode("cus", purchase.customer_id), 0, purchase.recorded_at
    )
    items = json.dumps([item.model_dump() for item in purchase.items], ensure_ascii=False)
    return (
        caller,
        once.key,
        once.fingerprint,
        rendered,
        purchase.id,
        purchase.customer_id,
        purchase.source,
        purchase.external_id,
        purchase.purchased_at,
        items,
        purchase.total_minor,
        purchase.currency,
        occurred_at,
        event_id,
        aggregate_id,
        kind,
        payload,
        json.dumps(facts(purchase)),
    )


def facts(purchase: Purchase) -> dict[str, object]:
    """What the timeline says of a purchase."""
    return {
        "purchase_id": encode("pur", purchase.id),
        "total_minor": purchase.total_minor,
        "currency": purchase.currency,
        "items": sum(item.quantity for item in purchase.items),
    }
