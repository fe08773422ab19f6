"""Takes in what a customer sends: it joins the contact's open interaction or opens one."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from careline.ids import new_id
from interaction_router.agents import repository as agents
from interaction_router.customers.client import Identifier, Resolution
from interaction_router.desk.schemas import InteractionRemoved
from interaction_router.events import Channel, Identity, MessageReceived, Opened
from interaction_router.interactions import lifecycle, messages, repository
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.repository import NewInteraction
from interaction_router.interactions.states import Cause, State
from interaction_router.offers import service as offers
from interaction_router.queues.repository import queue_for
from interaction_router.unit import Unit


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who reaches us. `contact` is what tells this sender from others on the channel.

    The message may also join the open interaction of another contact (`also`), or the one that it refers to
    if that belongs to one of `thread_contacts`. Arrivals with the same `lock` come in one after the other.
    """

    channel: Channel
    contact: str
    queue: str | None
    subject: str
    display_name: str
    language: str | None = None
    identifier: Identifier | None = None
    visitor_id: UUID | None = None
    resolution: Resolution | None = None
    referenced: UUID | None = None
    also: tuple[str, ...] = ()
    thread_contacts: tuple[str, ...] = ()
    lock: str | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """The interaction that an arrival belongs to."""

    interaction_id: UUID
    opened: bool


class DuplicateMessageError(Exception):
    """The message has come before; its transaction must be rolled back.

    `raced` says that it came at the same moment, so that nobody has looked whether it is the same indeed.
    """

    def __init__(self, external_id: str, *, raced: bool = False) -> None:
        """Name the message."""
        super().__init__(external_id)
        self.raced = raced


class ReusedIdError(Exception):
    """Another message has come under this id before; the transaction must be rolled back."""


async def receive(unit: Unit, arrival: Arrival, message: NewMessage) -> Joined:
    """Keep one message from a customer; DuplicateMessageError if it has come before."""
    joined = await open_or_join(unit, arrival, message.external_id, message.content_hash)
    await add_inbound(unit, joined.interaction_id, message)
    return joined


async def open_or_join(
    unit: Unit, arrival: Arrival, external_id: str | None = None, content_hash: bytes | None = None
) -> Joined:
    """Find the contact's open interaction or open one; parallel arrivals of one contact find the same."""
    await repository.lock_contact(unit.connection, arrival.channel, arrival.lock or arrival.contact)
    if external_id:
        await _refuse_known(unit, arrival.channel, external_id, content_hash)
    known = await repository.open_of_contact(
        unit.connection,
        arrival.channel,
        [arrival.contact, *arrival.also],
        arrival.referenced,
        arrival.thread_contacts,
    )
    if known is not None:
        return Joined(known["id"], opened=False)
    return Joined(await _open(unit, arrival), opened=True)


async def _refuse_known(unit: Unit, channel: str, external_id: str, content_hash: bytes | None) -> None:
    before = await messages.find_external(unit.connection, channel, external_id)
    if before is None:
        return
    if None in {before["content_hash"], content_hash} or before["content_hash"] == content_hash:
        raise DuplicateMessageError(external_id)
    raise ReusedIdError(external_id)


async def add_inbound(unit: Unit, interaction_id: UUID, message: NewMessage) -> None:
    """Add a customer's message to an interaction that the unit has locked or made."""
    row = await repository.count_message(
        unit.connection, interaction_id, unit.now, snippet=messages.snippet(message.text), unread=True
    )
    try:
        await messages.insert(unit.connection, interaction_id, row["message_count"], message)
    except asyncpg.UniqueViolationError as fault:
        raise DuplicateMessageError(message.external_id or "", raced=True) from fault
    await unit.emit(
        MessageReceived(interaction_id=interaction_id, message_id=message.id, channel=row["channel"]),
        interaction_id,
        row["version"],
    )
    if row["state"] == State.WRAP_UP:
        await _resume(unit, interaction_id)
    unit.changed.add(interaction_id)
    unit.new_messages.append(message.id)


async def _resume(unit: Unit, interaction_id: UUID) -> None:
    """Who writes on while the agent finishes must not be closed away unread; if she is gone, others answer."""
    row = await repository.lock(unit.connection, interaction_id)
    if row is None:
        raise LookupError(interaction_id)
    agent = await agents.lock(unit.connection, row["agent_id"])
    if agent is not None and agent["presence"] != "offline":
        await lifecycle.resume(unit, row, Cause.CUSTOMER_WROTE)
        return
    await offers.requeue(unit, row, row["agent_id"], "customer_wrote")
    unit.tell(row["agent_id"], "interaction.removed", InteractionRemoved(id=interaction_id, cause="customer_wrote"))


async def _open(unit: Unit, arrival: Arrival) -> UUID:
    queue = await queue_for(unit.connection, arrival.queue, arrival.channel)
    before = await repository.last_of_contact(unit.connection, arrival.channel, arrival.contact, arrival.referenced)
    known = arrival.resolution
    target = queue["answer_target_seconds"]
    new = NewInteraction(
        id=new_id(),
        channel=arrival.channel,
        contact=arrival.contact,
        queue_id=queue["id"],
        subject=arrival.subject,
        language=arrival.language or (known.known_language if known else None),
        opened_at=unit.now,
        target_at=unit.now + timedelta(seconds=target) if target else None,
        customer_id=known.customer_id if known else None,
        customer_name=(known.name if known else None) or arrival.display_name,
        tier=known.tier if known else None,
        identity=_identity(arrival),
        history="ready" if known else "late",
        visitor_id=arrival.visitor_id,
        last_agent_id=before["last_agent_id"] if before else None,
        previous_interaction_id=before["id"] if before else None,
    )
    await repository.insert(unit.connection, new)
    if arrival.identifier is not None:
        known_as = known.id_of(arrival.identifier.type) if known else None
        await keep_identifier(unit, new.id, arrival.identifier, known_as)
    await unit.emit(
        Opened(
            interaction_id=new.id,
            channel=arrival.channel,
            queue_id=new.queue_id,
            customer_id=new.customer_id,
            visitor_id=new.visitor_id,
            identity=_identity(arrival),
            opened_at=new.opened_at,
            previous_interaction_id=new.previous_interaction_id,
        ),
        new.id,
        1,
    )
    unit.changed.add(new.id)
    unit.decide = True
    return new.id


def _identity(arrival: Arrival) -> Identity:
    if arrival.resolution is not None:
        return arrival.resolution.identity
    return "claimed" if arrival.identifier else "unknown"


async def keep_identifier(
    unit: Unit, interaction_id: UUID, identifier: Identifier, known_as: UUID | None = None
) -> None:
    """Write down what names the customer, and the profile's id of it; what is verified stays so."""
    await unit.connection.execute(
        """
        INSERT INTO interaction_identifiers AS known (interaction_id, type, value, state, identifier_id)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (interaction_id, type, value) DO UPDATE
        SET state = CASE WHEN known.state = 'verified' THEN known.state ELSE excluded.state END,
            identifier_id = coalesce(excluded.identifier_id, known.identifier_id)
        """,
        interaction_id,
        identifier.type,
        identifier.value,
        "verified" if identifier.proven else "claimed",
        known_as,
    )
