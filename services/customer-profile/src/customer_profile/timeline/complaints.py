"""Turns events of complaints and answers into timeline entries: one entry a complaint, one an answered survey."""

import json
from typing import Final

from careline.database import Transaction
from careline.events import Event
from careline.ids import decode
from careline.statements import execute
from customer_profile.timeline import repository

OPENED: Final = "complaint.opened"
# What each later event adds to the entry; whatever an event has of these facts is kept.
_FACTS: Final = (
    *("kind", "severity", "source", "interaction_id", "owner_id", "department_id", "acknowledge_by", "resolve_by"),
    *("decision", "word", "cause_code", "reopened_count"),
)
# What the events mean for the state that the entry shows; the others leave it as it is.
_STATES: Final = {
    OPENED: "opened",
    "complaint.acknowledged": "acknowledged",
    "complaint.answered": "answered",
    "complaint.closed": "closed",
    "complaint.reopened": "reopened",
}
COMPLAINTS: Final = frozenset(
    {
        *_STATES,
        *("complaint.customer_linked", "complaint.customer_word", "complaint.escalated"),
        *("complaint.handover_accepted", "complaint.owner_changed", "complaint.overdue"),
    }
)
ANSWERED: Final = "feedback.answered"

_LATER = """
UPDATE timeline_entries
SET customer_id = coalesce($2, customer_id), stated_customer_id = coalesce($2, stated_customer_id),
    facts = facts || $3::jsonb, title_key = coalesce($4, title_key), sequence = $5
WHERE id = $1 AND sequence < $5
"""


async def project_complaint(transaction: Transaction, event: Event) -> None:
    """Something happened to a complaint: the entry takes over what the event tells."""
    complaint_id = decode("cmp", event.aggregate_id)
    given = event.data["customer_id"]
    customer_id = decode("cus", given) if given else None
    facts = {name: event.data[name] for name in _FACTS if event.data.get(name) is not None}
    if event.type == "complaint.overdue":
        facts["overdue"] = True
    if event.type == "complaint.escalated":
        facts["escalated"] = event.data["level"]
    state = _STATES.get(event.type)
    if state is not None:
        facts["state"] = state
    title_key = f"timeline.complaint.{state}" if state else None
    if event.type != OPENED:
        await execute(transaction, _LATER, complaint_id, customer_id, json.dumps(facts), title_key, event.sequence)
        return
    await repository.put(
        transaction,
        repository.Entry(
            id=complaint_id,
            stated_customer_id=customer_id,
            visitor=None,
            kind="complaint",
            occurred_at=event.occurred_at,
            title_key="timeline.complaint.opened",
            facts=facts | {"complaint_id": event.aggregate_id},
            source="complaint",
            identity="verified",
            sequence=event.sequence,
        ),
    )


async def project_answer(transaction: Transaction, event: Event) -> None:
    """A customer answered a survey: scores, and whether they are low; what they wrote stays where it is."""
    facts = {name: event.data[name] for name in ("survey", "scores", "channel", "low", "interaction_id")}
    await repository.put(
        transaction,
        repository.Entry(
            id=decode("inv", event.data["invitation_id"]),
            stated_customer_id=decode("cus", event.data["customer_id"]),
            visitor=None,
            kind="feedback",
            occurred_at=event.occurred_at,
            title_key="timeline.feedback.answered",
            facts=facts | {"invitation_id": event.data["invitation_id"]},
            source="feedback",
            identity="verified",
            sequence=event.sequence,
        ),
    )
