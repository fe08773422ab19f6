"""Adding and verifying identifiers."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from careline.database import Transaction
from careline.events import EventPayload
from careline.ids import encode
from careline.outbox import Outbox
from careline.problems import Conflict, InvalidInput, NotFound
from customer_profile.context import Work
from customer_profile.events import IdentifierAdded, IdentifierType, IdentifierVerified
from customer_profile.identifiers import repository
from customer_profile.identifiers.normal import InvalidIdentifierError, Normal, normalise
from customer_profile.identifiers.repository import New, Source
from customer_profile.identifiers.schemas import Identifier, IdentifierInput, IdentifierRef, VerificationInput
from customer_profile.ledger import tell


class IdentifierTaken(Conflict):
    """An identifier names one customer only; joining two customers is a decision of its own."""

    type_name = "identifier-taken"
    title = "Another customer has this identifier"


def normalised(reference: IdentifierRef, field: str) -> Normal:
    """The one spelling of what was sent; InvalidInput names `field`."""
    try:
        return normalise(reference.type, reference.value, reference.namespace)
    except InvalidIdentifierError as fault:
        raise InvalidInput(field, fault.rule, fault.hint) from None


async def attach(work: Work, customer_id: UUID, items: Sequence[New], *, source: Source) -> list[EventPayload]:
    """Add identifiers to a customer and return what to tell; IdentifierTaken if somebody has one of them."""
    added = await repository.insert(work.connection, customer_id, items, source=source, now=work.now)
    for position, item in enumerate(items):
        if item.id not in added:
            await _refuse_taken(work, item, position)
    return [added_event(customer_id, item) for item in items]


def added_event(customer_id: UUID, item: New) -> IdentifierAdded:
    """What is told about a new identifier."""
    return IdentifierAdded(
        customer_id=customer_id, identifier_id=item.id, identifier_type=item.normal.type, state=item.state
    )


async def add(work: Work, customer_id: UUID, body: IdentifierInput) -> Identifier:
    """Add one identifier, as a member of staff says it."""
    item = New.of(normalised(body, "value"), verified_by="agent_check" if body.verified else None)
    # The version advances first: it locks the customer's row, and it finds out whether there is one.
    events = [added_event(customer_id, item)]
    await tell(work.connection, work.outbox, customer_id, events, work.now)
    await attach(work, customer_id, [item], source="staff")
    return await _one(work, customer_id, item.id)


async def verify(work: Work, customer_id: UUID, identifier_id: UUID, body: VerificationInput) -> Identifier:
    """Record that an identifier is the customer's; a second time changes nothing."""
    await verify_in(work.connection, work.outbox, customer_id, [identifier_id], method=body.method, now=work.now)
    return await _one(work, customer_id, identifier_id)


async def verify_in(
    transaction: Transaction,
    outbox: Outbox,
    customer_id: UUID,
    identifier_ids: Sequence[UUID],
    *,
    method: str,
    now: datetime,
) -> None:
    """Verify identifiers of a customer and tell of those that were only claimed before."""
    events: list[EventPayload] = []
    for identifier_id in identifier_ids:
        kind = await repository.verify(transaction, customer_id, identifier_id, method=method, now=now)
        if kind is not None:
            events.append(
                IdentifierVerified(
                    customer_id=customer_id,
                    identifier_id=identifier_id,
                    identifier_type=cast("IdentifierType", kind),
                    method=method,
                )
            )
    if events:
        await tell(transaction, outbox, customer_id, events, now)


async def _one(work: Work, customer_id: UUID, identifier_id: UUID) -> Identifier:
    for row in await repository.of_customer(work.connection, customer_id):
        if row["id"] == identifier_id:
            return Identifier(**row)
    raise NotFound("identifier", encode("idf", identifier_id))


async def _refuse_taken(work: Work, item: New, position: int) -> None:
    holder = (await repository.find(work.connection, [item.normal])).get(item.normal.key)
    raise IdentifierTaken(
        "Look at the customer who has it; if both are one person, add to that customer instead.",
        field=f"identifiers.{position}",
        customer_id=encode("cus", holder.customer_id) if holder else None,
    )
