"""Turns events into timeline entries; the same events in any repetition give the same entries.

An entry has the id of what it tells of and the sequence of the last event in it, so what comes again finds itself
done. Each kind of thing has a module of its own; interactions are here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import Transaction
from careline.events import Event
from careline.ids import decode
from careline.statements import execute
from customer_profile.timeline import repository, visitors
from customer_profile.timeline.care import DELIVERIES, DUE, project_deliveries, project_due
from customer_profile.timeline.complaints import ANSWERED, COMPLAINTS, project_answer, project_complaint

_FACTS = ("queue_id", "agent_id", "disposition", "handle_seconds", "waited_seconds", "closed_at", "abandoned_at")


WRITTEN_DOWN = frozenset({"interaction.opened", "interaction.closed", "interaction.abandoned"})
NAMED = frozenset({"interaction.customer_linked", "interaction.identity_verified"})
PROJECTED = WRITTEN_DOWN | NAMED | COMPLAINTS | frozenset({ANSWERED, DUE, *DELIVERIES})


async def project(transaction: Transaction, event: Event) -> None:
    """What an event means for the timeline; most events mean nothing for it."""
    if event.type in WRITTEN_DOWN:
        await write_down(transaction, event)
    elif event.type == "interaction.customer_linked":
        await name_customer(transaction, event, identity=event.data["identity"])
    elif event.type == "interaction.identity_verified":
        await name_customer(transaction, event, identity="verified")
    elif event.type in COMPLAINTS:
        await project_complaint(transaction, event)
    elif event.type == ANSWERED:
        await project_answer(transaction, event)
    elif event.type == DUE:
        await project_due(transaction, [event])
    elif event.type in DELIVERIES:
        await project_deliveries(transaction, [event])


async def write_down(transaction: Transaction, event: Event) -> None:
    """An interaction was opened, closed or abandoned: the event tells everything that the entry holds."""
    data = event.data
    if data["visitor_id"] is not None:
        await visitors.take_turns(transaction, data["visitor_id"])
    state = event.type.partition(".")[2]
    await repository.put(
        transaction,
        repository.Entry(
            id=decode("int", event.aggregate_id),
            stated_customer_id=_customer_id(data),
            visitor=data["visitor_id"],
            kind=data["channel"],
            occurred_at=datetime.fromisoformat(data["opened_at"]),
            title_key=f"timeline.{data['channel']}.{state}",
            facts={"state": state} | {name: data[name] for name in _FACTS if data.get(name) is not None},
            source="interaction",
            identity=data["identity"],
            sequence=event.sequence,
        ),
    )


async def name_customer(transaction: Transaction, event: Event, *, identity: str) -> None:
    """It is known, or claimed, whose interaction it is."""
    await execute(
        transaction,
        repository.NAME_CUSTOMER,
        decode("int", event.aggregate_id),
        _customer_id(event.data),
        identity,
        event.sequence,
    )


def _customer_id(data: Mapping[str, Any]) -> UUID | None:
    return decode("cus", data["customer_id"]) if data["customer_id"] else None
