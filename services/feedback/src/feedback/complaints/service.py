"""Opening a complaint, whatever door it comes through."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from careline.ids import decode, encode, new_id
from feedback.complaints import repository
from feedback.complaints.events import ComplaintOpened
from feedback.complaints.ledger import Entry, facts_text, write_history
from feedback.complaints.owners import Ownership, choose
from feedback.complaints.states import Deadline, Kind, Severity, Source, State
from feedback.context import Row, Work
from feedback.standards import calendars
from feedback.standards import repository as standards
from feedback.standards.promises import Schedule, schedule

_OF_INVITATION: Final = "SELECT * FROM complaints WHERE invitation_id = $1"


@dataclass(frozen=True, slots=True)
class Grievance:
    """What somebody complains about, as it came in."""

    kind: Kind
    severity: Severity
    source: Source
    text: str
    recorded_by: str
    customer_id: UUID | None = None
    contact: str | None = None
    interaction_id: UUID | None = None
    invitation_id: UUID | None = None
    reference: str | None = None
    tier: str | None = None


async def open_from_feedback(
    work: Work,
    *,
    invitation_id: UUID,
    customer_id: UUID,
    interaction_id: UUID | None,
    text: str,
    severity: Severity | Literal["minor", "major"],
    tier: str | None,
    kind: Kind = Kind.SERVICE,
) -> UUID:
    """Open the complaint that a low score is, in the transaction of the answer; at most one per invitation."""
    known = await work.row(_OF_INVITATION, invitation_id)
    if known is not None:
        return known["id"]  # type: ignore[no-any-return]
    row = await record(
        work,
        Grievance(
            kind=kind,
            severity=Severity(severity),
            source=Source.LOW_SCORE,
            text=text,
            recorded_by="feedback",
            customer_id=customer_id,
            interaction_id=interaction_id,
            invitation_id=invitation_id,
            tier=tier,
        ),
    )
    complaint_id: UUID = row["id"]
    return complaint_id


async def record(work: Work, grievance: Grievance) -> Row:
    """Keep a complaint with an owner, a promise and its timers, from the first moment on."""
    owner = await choose(work, grievance.kind, _person(grievance.recorded_by))
    promise = await standards.promised(work, grievance.kind, grievance.tier, work.now)
    pinned = await calendars.newest(work, promise.calendar_key)
    acknowledge = schedule(pinned.calendar, promise, work.now, promise.acknowledge_seconds)
    resolve = schedule(pinned.calendar, promise, work.now, promise.resolve_seconds)
    complaint_id = new_id()
    row = await repository.insert(
        work,
        {
            "id": complaint_id,
            "version": 1,
            "state": State.OPEN,
            "customer_id": grievance.customer_id,
            "contact": grievance.contact,
            "interaction_id": grievance.interaction_id,
            "invitation_id": grievance.invitation_id,
            "reference": grievance.reference,
            "kind": grievance.kind,
            "severity": grievance.severity,
            "tier": grievance.tier,
            "text": grievance.text,
            "source": grievance.source,
            "recorded_by": grievance.recorded_by,
            "received_at": work.now,
            "owner_id": owner.owner_id,
            "department_id": owner.department_id,
            "calendar_key": pinned.key,
            "calendar_version": pinned.version,
            "standard_id": promise.standard_id,
            "acknowledge_seconds": promise.acknowledge_seconds,
            "resolve_seconds": promise.resolve_seconds,
            "word_seconds": promise.word_seconds,
            "handover_seconds": promise.handover_seconds,
            "warn_before_seconds": promise.warn_before_seconds,
            "escalate_after_seconds": promise.escalate_after_seconds,
            "acknowledge_by": acknowledge.by.at,
            "resolve_by": resolve.by.at,
            "calendar_known": acknowledge.by.known and resolve.by.known,
        },
    )
    await set_timers(work, complaint_id, Deadline.ACKNOWLEDGE, acknowledge)
    await set_timers(work, complaint_id, Deadline.RESOLVE, resolve)
    await _tell(work, row, grievance, owner, acknowledge.by.at, resolve.by.at)
    if grievance.customer_id is None and grievance.contact is not None:
        await repository.ask_who(work, complaint_id)
    return row


async def set_timers(work: Work, complaint_id: UUID, deadline: Deadline, planned: Schedule) -> None:
    """Set the alarms of one deadline."""
    await repository.arm(
        work,
        complaint_id,
        deadline,
        [alarm.level for alarm in planned.alarms],
        [alarm.due_at for alarm in planned.alarms],
    )


async def _tell(
    work: Work, row: Row, grievance: Grievance, owner: Ownership, acknowledge_by: datetime, resolve_by: datetime
) -> None:
    event = ComplaintOpened(
        complaint_id=row["id"],
        customer_id=grievance.customer_id,
        interaction_id=grievance.interaction_id,
        invitation_id=grievance.invitation_id,
        kind=grievance.kind,
        severity=grievance.severity,
        source=grievance.source,
        owner_id=owner.owner_id,
        department_id=owner.department_id,
        acknowledge_by=acknowledge_by,
        resolve_by=resolve_by,
    )
    facts = event.model_dump(mode="json")
    entry = Entry(row["id"], 1, work.now, "opened", grievance.recorded_by, facts_text(facts))
    await write_history(work, [entry])
    await work.outbox.append(
        work.transaction,
        event,
        aggregate_id=encode("cmp", row["id"]),
        sequence=1,
        occurred_at=work.real_now,
    )


def _person(subject: str) -> UUID | None:
    try:
        return decode("per", subject)
    except ValueError:
        return None
