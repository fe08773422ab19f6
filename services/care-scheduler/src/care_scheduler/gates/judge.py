"""The gates: whether one piece of care may go to one customer now. Pure functions; every verdict has its reason.

The order is the order of the explanation. The first gate that says no decides; a hold waits only if no gate says no.
"""

from collections.abc import Sequence
from datetime import datetime

from care_scheduler.gates.cap import Contender, Place, places
from care_scheduler.gates.model import (
    CHANNEL_OF,
    MEANS_OF,
    Cap,
    Cell,
    Facts,
    History,
    Item,
    Judgement,
    Means,
    Verdict,
    care_name,
)
from care_scheduler.gates.quiet import quiet_until

# Notices that answer what a customer asked of us are no unasked contacts.
EXEMPT_PURPOSE = "service"


def judge(item: Item, facts: Facts | None, cell: Cell | None, history: History, now: datetime) -> Judgement:
    """All gates but the cap, which looks at everything that competes; see `with_caps`."""
    verdicts = [_expiry(item, now)]
    if facts is None:
        return Judgement((*verdicts, Verdict("customer", "no", "unknown_customer")), None)
    verdicts += [Verdict("customer", "pass", "known"), _matrix(cell)]
    chosen, means = _channel(item, facts, cell)
    if cell is None or means is None:
        return Judgement((*verdicts, *([chosen] if cell is not None and cell.means != "none" else [])), None)
    quiet, until = _quiet_hours(item, facts, means, now)
    verdicts += [
        chosen,
        _address(facts, means),
        _consent(item, facts, means),
        _suppression(item, history, means),
        _complaint(item, history),
        quiet,
    ]
    return Judgement(tuple(verdicts), means, until)


def with_caps(
    judged: Sequence[tuple[Item, Cell | None, Judgement]],
    history: History,
    caps: Sequence[Cap],
    now: datetime,
) -> dict[Item, Judgement]:
    """The judgements of all waiting care of one customer, with the cap's verdict where one is due.

    `judged` holds everything of the customer that is still to come, each judged for the moment at which it would go.
    """
    contenders = [
        Contender(item, cell.priority if cell else 0, judgement.until or max(item.due_at, now))
        for item, cell, judgement in judged
        if item.purpose != EXEMPT_PURPOSE and judgement.outcome in {"send", "hold"}
    ]
    found = places(history.contacts, contenders, caps)
    return {item: judgement.then(_cap(item, found.get(item.id))) for item, _, judgement in judged}


def _expiry(item: Item, now: datetime) -> Verdict:
    late = now > item.not_after
    reason = "too_late" if late else "in_time"
    return Verdict("expiry", "no" if late else "pass", reason, {"not_after": item.not_after.isoformat()})


def _matrix(cell: Cell | None) -> Verdict:
    if cell is None:
        return Verdict("matrix", "no", "no_cell")
    facts = {"cell": cell.name, "means": cell.means}
    if cell.means == "none":
        return Verdict("matrix", "no", "not_cared_for", facts)
    return Verdict("matrix", "pass", "cell", facts)


def _channel(item: Item, facts: Facts, cell: Cell | None) -> tuple[Verdict, Means | None]:
    """What the customer chose goes before what the matrix says; answers to their own complaint go as planned."""
    planned = cell.means if cell else "none"
    chosen = facts.preferred_channel
    if planned == "none":
        return Verdict("channel", "no", "no_means"), None
    if item.purpose == EXEMPT_PURPOSE or chosen is None:
        return Verdict("channel", "pass", "as_planned", {"means": planned}), planned
    if chosen == "none":
        return Verdict("channel", "no", "wants_none"), None
    means = MEANS_OF[chosen]
    reason = "as_planned" if means == planned else "chosen_by_customer"
    return Verdict("channel", "pass", reason, {"means": means}), means


def _address(facts: Facts, means: Means) -> Verdict:
    known = facts.reach(means)
    return Verdict("address", "pass" if known else "no", "known" if known else "unknown", {"means": means})


def _consent(item: Item, facts: Facts, means: Means) -> Verdict:
    """Marketing needs a yes; to a question about what the customer just did, or an answer, a no is enough to stop."""
    channel = CHANNEL_OF[means]
    state = facts.consents.get((item.purpose, channel), "none")
    needed = "granted" if item.purpose == "marketing" else "not withdrawn"
    passes = state == "granted" if item.purpose == "marketing" else state != "withdrawn"
    said = {"purpose": item.purpose, "channel": channel, "needed": needed}
    return Verdict("consent", "pass" if passes else "no", state, said)


def _suppression(item: Item, history: History, means: Means) -> Verdict:
    channel = CHANNEL_OF[means]
    gone = (item.purpose, channel) in history.suppressed
    reason = "unsubscribed" if gone else "not_unsubscribed"
    return Verdict("suppression", "no" if gone else "pass", reason, {"purpose": item.purpose, "channel": channel})


def _complaint(item: Item, history: History) -> Verdict:
    """Nobody is greeted, or asked how it was, while we owe them an answer."""
    if not history.complaints:
        return Verdict("complaint", "pass", "none_open")
    if item.purpose == EXEMPT_PURPOSE:
        return Verdict("complaint", "pass", "answers_it")
    return Verdict("complaint", "no", "open_complaint", {"number": len(history.complaints)})


def _quiet_hours(item: Item, facts: Facts, means: Means, now: datetime) -> tuple[Verdict, datetime | None]:
    """A mail that answers a complaint may arrive at night; nothing else does, and nobody is called."""
    zone = {"time_zone": facts.time_zone, "known": facts.time_zone_known}
    if item.purpose == EXEMPT_PURPOSE and means != "phone_task":
        return Verdict("quiet_hours", "pass", "answers_the_customer", zone), None
    moment = max(now, item.due_at)
    until = quiet_until(moment, facts.time_zone, facts.quiet_from, facts.quiet_to)
    if until is None:
        return Verdict("quiet_hours", "pass", "awake", zone), None
    told = zone | {"until": until.isoformat()}
    if until >= item.not_after:
        return Verdict("quiet_hours", "no", "too_late_afterwards", told), None
    return Verdict("quiet_hours", "hold", "asleep", told), until


def _cap(item: Item, place: Place | None) -> Verdict:
    if item.purpose == EXEMPT_PURPOSE:
        return Verdict("cap", "pass", "exempt")
    if place is None:
        return Verdict("cap", "pass", "not_asked")
    if place.admitted or place.cap is None:
        return Verdict("cap", "pass", "has_a_place")
    told = {"cap": place.cap.name, "contacts": place.used, "ahead": [care_name(each) for each in place.ahead]}
    return Verdict("cap", "no", "lost_to_others" if place.ahead else "cap_reached", told)
