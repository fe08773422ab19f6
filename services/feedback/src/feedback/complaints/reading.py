"""Reads a complaint for somebody, with its deadlines, offers and history, and masks what is not for them."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final
from uuid import UUID

from careline.pagination import decode_cursor, encode_cursor
from careline.problems import InvalidInput
from feedback.complaints import repository
from feedback.complaints.access import Viewer, visible
from feedback.complaints.schemas import (
    Alarm,
    Complaint,
    ComplaintPage,
    ComplaintSummary,
    DueDate,
    HistoryEntry,
    OfferSummary,
    Promised,
    Redress,
    View,
)
from feedback.complaints.states import OWING, Deadline, State
from feedback.context import Look, Row
from feedback.handovers import repository as handovers
from feedback.standards.promises import Level

LEVELS: Final = {
    Level.WARN: "warning",
    Level.OVERDUE: "overdue",
    Level.ESCALATE_TO_HEAD: "escalation_to_head",
    Level.ESCALATE_TO_SUPERVISORS: "escalation_to_supervisors",
}
# What a list shows of a row as it is.
SUMMARY_COLUMNS: Final = frozenset(ComplaintSummary.model_fields) - {"number", "overdue", "offered_to_department_id"}
NOTHING: Final = bytes(32)
SHOWN_OF_CONTACT: Final = 2


async def read(look: Look, viewer: Viewer, complaint_id: UUID) -> Complaint:
    """The complaint as the viewer may see it; NotFound if it is not for them."""
    row = await visible(look, viewer, complaint_id)
    timers = await repository.timers(look, complaint_id)
    offers = await handovers.of_complaint(look, complaint_id)
    history = await repository.history(look, complaint_id)
    open_offer = next((offer for offer in offers if offer["state"] == "open"), None)
    accepted = [offer for offer in offers if offer["state"] == "accepted"]
    knows = viewer.knows_customer(row)
    return Complaint(
        **_summary_fields(row, look.now, open_offer["to_department_id"] if open_offer else None),
        version=row["version"],
        invitation_id=row["invitation_id"],
        reference=row["reference"],
        tier=row["tier"],
        contact=row["contact"] if knows else _masked(row["contact"]),
        contact_masked=not knows and row["contact"] is not None,
        text=row["text"],
        recorded_by=row["recorded_by"],
        giver_id=accepted[-1]["from_person_id"] if accepted else None,
        promised=Promised(
            standard_id=str(row["standard_id"]) if row["standard_id"] else None,
            calendar_key=row["calendar_key"],
            calendar_version=row["calendar_version"],
            calendar_known=row["calendar_known"],
        ),
        due_dates=_due_dates(row, timers, open_offer, look.now),
        acknowledged_at=row["acknowledged_at"],
        answered_at=row["answered_at"],
        closed_at=row["closed_at"],
        reopened_count=row["reopened_count"],
        cause_code=row["cause_code"],
        decision=row["decision"],
        redress=_redress(row),
        reply_text=row["reply_text"],
        customer_word=row["customer_word"],
        word_attempts=row["word_attempts"],
        offers=[OfferSummary(**handovers.shown(offer)) for offer in offers],
        history=[_entry(entry) for entry in history],
        history_intact=chain_holds(history) and bool(history) and history[-1]["sequence"] >= row["version"],
        may_act=viewer.answers_for(row) and row["state"] != State.CLOSED,
        may_answer_offer=open_offer is not None and handovers.may_answer(viewer, open_offer),
    )


async def page(
    look: Look,
    viewer: Viewer,
    *,
    view: View,
    state: State | None,
    with_closed: bool,
    customer_id: UUID | None,
    interaction_id: UUID | None,
    cursor: str | None,
    limit: int,
) -> ComplaintPage:
    """Complaints that the viewer may see, the next due first."""
    rows = await repository.listed(
        look,
        viewer,
        view=view,
        state=state,
        with_closed=with_closed,
        customer_id=customer_id,
        interaction_id=interaction_id,
        after=_position(cursor),
        limit=limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return ComplaintPage(
        items=[ComplaintSummary(**_summary_fields(row, look.now, row["offered_to"])) for row in rows[:limit]],
        next=encode_cursor(last["ordered_at"].isoformat(), str(last["id"])) if last else None,
    )


def number(row: Row) -> str:
    """The complaint's number as people write it."""
    return f"C-{row['number']}"


def chain_holds(history: Sequence[Row]) -> bool:
    """Whether each entry follows from the one before, and each text that is still there is what was written."""
    hashes = [NOTHING, *(bytes(entry["hash"]) for entry in history)]
    for number, (entry, (before, after)) in enumerate(zip(history, pairwise(hashes), strict=True), start=1):
        digest = entry["text_digest"]
        moment = entry["happened_at"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        line = "\n".join(
            (
                str(entry["complaint_id"]),
                str(number),
                moment,
                entry["action"],
                entry["actor"],
                entry["facts"],
                bytes(digest).hex() if digest is not None else "",
            )
        )
        if hashlib.sha256(before + line.encode()).digest() != after:
            return False
        if entry["text"] is not None and not hmac.compare_digest(
            hashlib.sha256(bytes(entry["salt"]) + entry["text"].encode()).digest(), bytes(digest or b"")
        ):
            return False
    return True


def _summary_fields(row: Row, now: datetime, offered_to: UUID | None) -> dict[str, object]:
    due = row["next_deadline_at"]
    return {
        **{name: row[name] for name in SUMMARY_COLUMNS},
        "number": number(row),
        "overdue": due is not None and due < now,
        "offered_to_department_id": offered_to,
    }


def _due_dates(row: Row, timers: Sequence[Row], open_offer: Row | None, now: datetime) -> list[DueDate]:
    answered = None if row["state"] in OWING else row["answered_at"]
    found = [
        (Deadline.ACKNOWLEDGE, row["acknowledge_by"], row["acknowledged_at"], row["acknowledge_seconds"]),
        (Deadline.RESOLVE, row["resolve_by"], answered, row["resolve_seconds"]),
    ]
    if row["word_by"] is not None and answered is not None:
        found.append((Deadline.WORD, row["word_by"], row["closed_at"], row["word_seconds"]))
    if open_offer is not None:
        found.append((Deadline.HANDOVER, open_offer["answer_by"], None, row["handover_seconds"]))
    return [
        DueDate(
            deadline=deadline,
            by=by,
            met_at=met_at,
            overdue=by < (met_at or now),
            promised_seconds=seconds,
            alarms=[
                Alarm.model_validate(
                    {"level": LEVELS[Level(each["level"])], "due_at": each["due_at"], "fired_at": each["fired_at"]}
                )
                for each in timers
                if each["kind"] == deadline and each["cancelled_at"] is None
            ],
        )
        for deadline, by, met_at, seconds in found
    ]


def _redress(row: Row) -> Redress | None:
    if row["redress_type"] is None:
        return None
    return Redress(type=row["redress_type"], amount_minor=row["redress_amount_minor"], currency=row["redress_currency"])


def _entry(row: Row) -> HistoryEntry:
    return HistoryEntry(
        sequence=row["sequence"],
        happened_at=row["happened_at"],
        action=row["action"],
        actor=row["actor"],
        facts=json.loads(row["facts"]),
        text=row["text"],
        hash=bytes(row["hash"]).hex(),
    )


def _masked(contact: str | None) -> str | None:
    """Enough to tell two complainants apart, too little to write to either."""
    return None if contact is None else f"{contact[:1]}…{contact[-SHOWN_OF_CONTACT:]}"


def _position(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    moment, complaint_id = decode_cursor(cursor, parts=2)
    try:
        return datetime.fromisoformat(moment), UUID(complaint_id)
    except (ValueError, TypeError, AttributeError):
        raise InvalidInput("cursor", "not a cursor of this list", "Take `next` of the page before.") from None
