"""Finds the buyer of a purchase by an identifier; a shop's unknown buyer becomes a customer, once."""

from uuid import UUID

from careline.ids import new_id
from careline.problems import InvalidInput
from customer_profile.context import Work
from customer_profile.customers import repository as customers
from customer_profile.events import CustomerRegistered
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.mask import masked
from customer_profile.identifiers.normal import Normal
from customer_profile.identifiers.repository import Known, New
from customer_profile.identifiers.schemas import IdentifierRef
from customer_profile.identifiers.service import added_event, normalised
from customer_profile.ledger import tell

BUYER_LANGUAGE = "zh-CN"
BUYER_TIER = "regular"


async def buyer(work: Work, reference: IdentifierRef) -> UUID:
    """The customer who has the identifier; parallel first purchases make one customer."""
    normal = normalised(reference, "customer.identifier.value")
    known = (await identifiers.find(work.connection, [normal])).get(normal.key)
    if known is None:
        created = await _create(work, normal)
        if created is not None:
            return created
        known = (await identifiers.find(work.connection, [normal]))[normal.key]
    if not names_one_person(known, normal):
        raise InvalidInput(
            "customer.identifier.value",
            "may belong to several people",
            "Name the buyer by a mobile number, card or mail address, or by our customer id.",
        )
    return known.customer_id


def names_one_person(known: Known, normal: Normal) -> bool:
    """A switchboard or a family's land line does not say who of them bought."""
    return normal.type != "phone" or known.mobile or known.state == "verified"


async def _create(work: Work, normal: Normal) -> UUID | None:
    """A new customer with this identifier; None if somebody else has just added it."""
    item = New.of(normal)
    customer_id = new_id()
    transaction = work.connection.transaction()
    await transaction.start()
    await customers.insert(
        work.connection,
        customer_id,
        name=masked(normal.type, normal.value),
        language=BUYER_LANGUAGE,
        tier=BUYER_TIER,
        lifecycle="customer",
        now=work.now,
    )
    if not await identifiers.insert(work.connection, customer_id, [item], source="partner", now=work.now):
        await transaction.rollback()
        return None
    await transaction.commit()
    events = [CustomerRegistered(customer_id=customer_id, stage="customer"), added_event(customer_id, item)]
    await tell(work.connection, work.outbox, customer_id, events, work.now)
    return customer_id
