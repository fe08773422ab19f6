"""Anonymous visitors and the customers that they turned out to be."""

from datetime import datetime
from uuid import UUID

from careline.database import Transaction
from careline.ids import encode
from careline.outbox import Outbox
from careline.statements import execute, fetch
from customer_profile.events import VisitorLinked
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.normal import normalise
from customer_profile.identifiers.repository import New
from customer_profile.ledger import tell

# Whoever links a visitor and whoever writes down a visit of it take turns, or the visit could miss the link.
_TAKE_TURNS = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))"

_CUSTOMER_OF = """
SELECT customer_id FROM identifiers WHERE type = 'visitor' AND value = $1 AND namespace = '' AND state = 'verified'
"""

_MOVE = "UPDATE timeline_entries SET customer_id = $2 WHERE visitor = $1 AND identity <> 'verified'"


async def take_turns(transaction: Transaction, visitor: str) -> None:
    """Wait until nobody else changes what is known of the visitor; until the transaction ends."""
    await execute(transaction, _TAKE_TURNS, visitor)


async def customer_of(transaction: Transaction, visitor_id: UUID) -> UUID | None:
    """The customer that the visitor has proven to be."""
    rows = await fetch(transaction, _CUSTOMER_OF, encode("vis", visitor_id))
    return rows[0][0] if rows else None


async def link(transaction: Transaction, outbox: Outbox, customer_id: UUID, visitor_id: UUID, now: datetime) -> None:
    """The visitor is this customer: its entries move. A device that proved to be somebody's before stays theirs."""
    visitor = encode("vis", visitor_id)
    await take_turns(transaction, visitor)
    item = New.of(normalise("visitor", visitor), verified_by="contact")
    if await identifiers.insert(transaction, customer_id, [item], source="contact", now=now):
        await execute(transaction, _MOVE, visitor, customer_id)
        event = VisitorLinked(customer_id=customer_id, visitor_id=visitor_id)
        await tell(transaction, outbox, customer_id, [event], now)
