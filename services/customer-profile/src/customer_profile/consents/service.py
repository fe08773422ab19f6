"""Writing down what a customer allows."""

from datetime import datetime
from uuid import UUID

from careline.database import Transaction
from careline.ids import new_id
from careline.outbox import Outbox
from customer_profile.consents import repository
from customer_profile.consents.schemas import Consent, ConsentInput
from customer_profile.events import ConsentChanged
from customer_profile.ledger import tell


async def append(
    transaction: Transaction, outbox: Outbox, customer_id: UUID, given: ConsentInput, *, recorded_by: str, now: datetime
) -> Consent:
    """Append to the customer's ledger and tell of it; NotFound without a customer."""
    entry = Consent(id=new_id(), recorded_by=recorded_by, recorded_at=now, **given.model_dump())
    event = ConsentChanged(
        customer_id=customer_id, consent_id=entry.id, purpose=entry.purpose, channel=entry.channel, state=entry.state
    )
    # The version comes first: its row lock gives two declarations of one moment their order.
    version = await tell(transaction, outbox, customer_id, [event], now)
    await repository.append(transaction, customer_id, version, entry)
    return entry
