"""What is done with a complaint until it is closed, and when it is opened again."""

from typing import Any, Final
from uuid import UUID

from careline.ids import encode
from careline.problems import Conflict, Forbidden, InvalidInput
from feedback.complaints import owners, repository
from feedback.complaints.access import Viewer
from feedback.complaints.events import (
    ComplaintAcknowledged,
    ComplaintAnswered,
    ComplaintClosed,
    ComplaintCustomerLinked,
    ComplaintCustomerWord,
    ComplaintOwnerChanged,
    ComplaintReopened,
)
from feedback.complaints.ledger import Case
from feedback.complaints.schemas import CauseInput, DecisionInput, WordInput
from feedback.complaints.service import set_timers
from feedback.complaints.states import OWING, TRANSITIONS, Deadline, State, Word
from feedback.handovers.service import withdraw_open
from feedback.standards import calendars
from feedback.standards.promises import left_over, schedule
from feedback.standards.repository import promise

ATTEMPTS_AT_LEAST: Final = 2


class WrongState(Conflict):
    """The complaint is not where this can be done."""

    type_name = "wrong-state"
    title = "Not possible in this state"


class NotReady(Conflict):
    """Something must be there first; `missing` names it."""

    type_name = "not-ready"
    title = "Something is missing"


class AlreadyAcknowledged(Conflict):
    """The customer was told before."""

    type_name = "already-acknowledged"
    title = "Already acknowledged"


async def acknowledge(case: Case, by: str) -> None:
    """The customer knows that we know."""
    _must_be(case, *OWING)
    if case.row["acknowledged_at"] is not None:
        raise AlreadyAcknowledged("The customer was told already.")
    case.change(acknowledged_at=case.work.now)
    await repository.disarm(case.work, case.id, [Deadline.ACKNOWLEDGE])
    case.tell("acknowledged", {"by": by}, event=ComplaintAcknowledged(**_whose(case)))


def link_customer(case: Case, customer_id: UUID) -> None:
    """Say whose complaint it is; care hears it and acknowledges."""
    case.change(customer_id=customer_id)
    event = ComplaintCustomerLinked(complaint_id=case.id, customer_id=customer_id)
    case.tell("customer_linked", event.model_dump(mode="json"), event=event)


def note(case: Case, text: str) -> None:
    """Remember something."""
    case.tell("noted", {}, text=text)


def find_cause(case: Case, body: CauseInput) -> None:
    """Say why it came to this."""
    _must_be(case, *OWING, State.ANSWERED)
    case.change(cause_code=body.code)
    case.tell("cause_found", {"cause_code": body.code}, text=body.note)


def decide(case: Case, body: DecisionInput) -> None:
    """Say whether the complaint is right; not after the customer has been told."""
    _must_be(case, *OWING)
    redress = body.redress
    case.change(
        decision=body.decision,
        redress_type=redress.type if redress else None,
        redress_amount_minor=redress.amount_minor if redress else None,
        redress_currency=redress.currency if redress else None,
    )
    facts = {"decision": body.decision, "redress": redress.model_dump() if redress else None}
    case.tell("decided", facts)


async def reply(case: Case, text: str) -> None:
    """Answer the customer; from now on the customer's word is due."""
    _must_be(case, *OWING)
    _need(case, "cause_code", "decision")
    work, row = case.work, case.row
    pinned = await calendars.exact(work, row["calendar_key"], row["calendar_version"])
    planned = schedule(pinned.calendar, promise(row, standard_id=row["standard_id"]), work.now, row["word_seconds"])
    case.change(
        state=State.ANSWERED,
        answered_at=work.now,
        # Who has the answer knows that we know.
        acknowledged_at=row["acknowledged_at"] or work.now,
        reply_text=text,
        word_by=planned.by.at,
        word_attempts=0,
        calendar_known=row["calendar_known"] and planned.by.known,
    )
    await repository.disarm(work, case.id, [Deadline.ACKNOWLEDGE, Deadline.RESOLVE])
    await set_timers(work, case.id, Deadline.WORD, planned)
    event = ComplaintAnswered(**_whose(case), decision=case.now("decision"), word_by=planned.by.at)
    case.tell("answered", {"decision": case.now("decision"), "word_by": planned.by.at}, text=text, event=event)


async def hear_word(case: Case, viewer: Viewer, body: WordInput) -> None:
    """Take down what an agent heard."""
    if body.word == Word.NO_ANSWER_AFTER_ATTEMPTS and (body.attempts or 0) < ATTEMPTS_AT_LEAST:
        raise InvalidInput("attempts", f"fewer than {ATTEMPTS_AT_LEAST}", "Try again later, then say how often.")
    if body.final:
        if body.word != Word.NOT_ACCEPTED:
            raise InvalidInput("final", "only with not_accepted", "Leave it out.")
        if not viewer.manages:
            raise Forbidden("Only a supervisor may say that our answer is final.", scope="complaints:manage")
        if case.row["reopened_count"] == 0:
            raise NotReady("Open it again and look once more before the answer is final.", missing=["reopening"])
    await take_word(case, body.word, attempts=body.attempts or 0, final=body.final, note=body.note)


async def take_word(case: Case, word: Word, *, attempts: int = 0, final: bool = False, note: str | None = None) -> None:
    """Keep the customer's word; "not solved" opens the complaint again unless our answer is final."""
    _must_be(case, State.ANSWERED)
    reopens = word == Word.NOT_ACCEPTED and not final
    if not reopens:
        case.change(customer_word=word, word_attempts=attempts)
    facts = {"word": word, "attempts": attempts, "final": final}
    case.tell("customer_word", facts, text=note, event=ComplaintCustomerWord(**_whose(case), word=word))
    if reopens:
        await reopen(case, "customer_not_satisfied", None)


async def close(case: Case) -> None:
    """End it; the customer has the last word."""
    _must_be(case, State.ANSWERED)
    _need(case, "cause_code", "decision", "reply_text", "customer_word")
    await withdraw_open(case, "complaint_closed")
    await repository.disarm(case.work, case.id, list(Deadline))
    case.change(state=State.CLOSED, closed_at=case.work.now)
    event = ComplaintClosed(
        **_whose(case),
        interaction_id=case.row["interaction_id"],
        kind=case.row["kind"],
        cause_code=case.now("cause_code"),
        decision=case.now("decision"),
        word=case.now("customer_word"),
        reopened_count=case.row["reopened_count"],
    )
    case.tell("closed", event.model_dump(mode="json"), event=event)


async def reopen(case: Case, cause: str, reason: str | None) -> None:
    """Open it again. The clock goes on where it stood when we answered; nobody gets a fresh one."""
    if (case.row["state"], State.REOPENED) not in TRANSITIONS:
        raise WrongState("Only an answered or closed complaint is opened again.", state=case.row["state"])
    work, row = case.work, case.row
    pinned = await calendars.exact(work, row["calendar_key"], row["calendar_version"])
    left = left_over(pinned.calendar, row["answered_at"], row["resolve_by"])
    planned = schedule(pinned.calendar, promise(row, standard_id=row["standard_id"]), work.now, left)
    await _be_owned(case)
    case.change(
        state=State.REOPENED,
        resolve_by=planned.by.at,
        reopened_count=row["reopened_count"] + 1,
        answered_at=None,
        closed_at=None,
        reply_text=None,
        word_by=None,
        customer_word=None,
        word_attempts=0,
    )
    await repository.disarm(work, case.id, [Deadline.WORD])
    await set_timers(work, case.id, Deadline.RESOLVE, planned)
    event = ComplaintReopened(
        **_whose(case),
        owner_id=case.now("owner_id"),
        resolve_by=planned.by.at,
        reopened_count=case.now("reopened_count"),
    )
    facts = {"cause": cause, "seconds_left": left, "resolve_by": planned.by.at}
    case.tell("reopened", facts, text=reason, event=event)


async def reassign(case: Case, owner_id: UUID, reason: str) -> None:
    """Give it to somebody without asking; the customer's deadlines stay."""
    _must_be(case, *OWING, State.ANSWERED)
    if owner_id == case.row["owner_id"]:
        raise InvalidInput("owner_id", "owns it already", "Choose somebody else.")
    person = await case.work.row(
        "SELECT department_id FROM people WHERE id = $1 AND state = 'active' FOR SHARE", owner_id
    )
    if person is None:
        raise InvalidInput("owner_id", "nobody who works here", "Choose somebody else.")
    await withdraw_open(case, "reassigned")
    _own(case, owner_id, person["department_id"] or case.row["department_id"], "reassigned", reason)


async def _be_owned(case: Case) -> None:
    """The owner of a closed complaint may have left since: it goes to who took over, or as a new one would."""
    owner = await owners.active_successor(case.work, case.row["owner_id"])
    if owner == case.row["owner_id"]:
        return
    department: UUID = case.row["department_id"]
    if owner is None:
        chosen = await owners.choose(case.work, case.row["kind"], None)
        owner, department = chosen.owner_id, chosen.department_id
    _own(case, owner, department, "leaving", None)


def _own(case: Case, owner_id: UUID, department_id: UUID, cause: Any, reason: str | None) -> None:
    event = ComplaintOwnerChanged(**_whose(case), owner_id=owner_id, department_id=department_id, cause=cause)
    facts = {"owner_id": encode("per", owner_id), "before": encode("per", case.row["owner_id"]), "cause": cause}
    case.change(owner_id=owner_id, department_id=department_id)
    case.tell("owner_changed", facts, text=reason, event=event)


def _whose(case: Case) -> dict[str, Any]:
    return {"complaint_id": case.id, "customer_id": case.now("customer_id")}


def _must_be(case: Case, *states: State) -> None:
    if case.now("state") not in states:
        raise WrongState(
            f"The complaint is {case.now('state')}; this needs it to be {' or '.join(sorted(states))}.",
            state=case.now("state"),
        )


def _need(case: Case, *columns: str) -> None:
    missing = [column for column in columns if case.now(column) is None]
    if missing:
        raise NotReady(f"Say first: {', '.join(missing)}.", missing=missing)
