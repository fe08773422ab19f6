"""The promises of care, questions and complaints. Pure, like the rest of the checker.

Whatever asks for care has one item, one `care.due`, one delivery that has ended, and mails: an unasked one at most
once, a notice at most once for each try whose end nobody knows and once more, and never none of a mail that counts as
sent. Each closing is drawn once. A complaint has an owner who works here and a deadline whenever anybody looks; its
history is whole and tells of each notice and each alarm as often as it happened.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.faults.observed import Care, Case, Observed, Timer
from tests.faults.violations import Violation

# Nothing in these tests forbids any care, so it is sent, or nobody knows whether it was.
GIVEN = frozenset({"sent", "unknown"})
DECIDED = frozenset({"sampled", "not_drawn"})
NOBODY = "no_customer"
NAMES_OWNER = frozenset({"complaint.opened", "complaint.handover_accepted", "complaint.owner_changed"})
ENDINGS = ("care.completed", "care.suppressed", "care.expired")
MOST_TRIES_LOST = 2

Told = Mapping[tuple[str, str], int]


def check_care(observed: Observed) -> Iterator[Violation]:
    """All broken promises about care, questions and complaints."""
    told = Counter((event.type, event.subject) for event in observed.emitted)
    yield from _items(observed)
    for care in observed.care:
        yield from _one_item(care, told, observed.mails[care.message_id])
    yield from _samples(observed)
    yield from _cases(observed, told)
    for what in observed.orphaned:
        yield Violation("owner", what)
    if observed.cases and not observed.looks:
        yield Violation("unwatched", "nobody looked at the complaints while things broke")


def _items(observed: Observed) -> Iterator[Violation]:
    items = Counter((care.occasion, care.about) for care in observed.care)
    for occasion, about in observed.wanted:
        if items[occasion, about] == 0:
            yield Violation("care lost", f"{occasion} of {about} was never planned")
    for (occasion, about), times in items.items():
        if times > 1:
            yield Violation("care doubled", f"{occasion} of {about} was planned {times} times")


def _one_item(care: Care, told: Told, mails: int) -> Iterator[Violation]:
    name = f"{care.purpose} {care.id} ({care.occasion} of {care.about}, {care.state} {care.gate})"
    if care.state not in GIVEN:
        yield Violation("care not given", name)
    due = told["care.due", care.id]
    if due != 1:
        yield Violation("care event", f"{name} has {due} events care.due instead of one")
    if not care.deliveries:
        yield Violation("delivery lost", f"{name} has none")
        return
    if len(care.deliveries) > 1:
        yield Violation("delivery doubled", f"{name} has {len(care.deliveries)}")
    yield from _delivered(care, name, mails)


def _delivered(care: Care, name: str, mails: int) -> Iterator[Violation]:
    delivery = care.deliveries[0]
    if not delivery.ended:
        yield Violation("delivery unfinished", f"{name} is still {delivery.state}")
    if not care.agrees:
        yield Violation("outcome", f"{name} has a delivery that is {delivery.state}")
    again = min(delivery.lost, MOST_TRIES_LOST - 1) if care.purpose == "service" else 0
    if mails > 1 + again:
        yield Violation("mail doubled", f"{name} arrived {mails} times, {delivery.lost} tries lost")
    if mails == 0 and delivery.state == "sent":
        yield Violation("mail lost", f"{name} counts as sent and did not arrive")


def _samples(observed: Observed) -> Iterator[Violation]:
    drawn = Counter(sample.subject for sample in observed.samples)
    for interaction_id, state in observed.interactions.items():
        if state == "closed" and drawn[interaction_id] != 1:
            yield Violation("sample", f"{interaction_id} was drawn {drawn[interaction_id]} times instead of once")
    customers = {event.subject: event.customer for event in observed.emitted if event.type == "interaction.closed"}
    for sample in observed.samples:
        # While the profile is away, a matter may be closed before it is known whose it is.
        nobody = sample.decision == NOBODY and customers.get(sample.subject) is None
        if sample.decision not in DECIDED and not nobody:
            yield Violation("sample", f"{sample.subject} was decided as {sample.decision}")
        if sample.invitations != (sample.decision == "sampled"):
            yield Violation("invitation", f"{sample.subject}, {sample.decision}, has {sample.invitations}")


def _cases(observed: Observed, told: Told) -> Iterator[Violation]:
    owners = _owners(observed)
    ids = Counter(case.id for case in observed.cases)
    about = defaultdict(list)
    for care in observed.care:
        about[care.about].append(care)
    for case in observed.cases:
        if ids[case.id] != 1 or case.owner is None or not case.owner_works:
            yield Violation("owner", f"{case.id} is owned by {case.owner}, {ids[case.id]} times")
        if case.owner != owners.get(case.id):
            yield Violation("owner", f"{case.id} is owned by {case.owner} and was told of as {owners.get(case.id)}'s")
        if not case.has_deadline:
            yield Violation("deadline", f"{case.id} has none")
        if not case.whole:
            yield Violation("history", f"the history of {case.id} is broken")
        for care in about[case.id]:
            yield from _noticed(case, care, told)
        for timer in case.timers:
            yield from _alarmed(case, timer)


def _owners(observed: Observed) -> dict[str, str | None]:
    """Whom the last event about each complaint names."""
    named = [event for event in observed.emitted if event.type in NAMES_OWNER]
    return {event.subject: event.owner for event in sorted(named, key=lambda each: each.sequence)}


def _noticed(case: Case, care: Care, told: Told) -> Iterator[Violation]:
    ended = sum(told[kind, care.id] for kind in ENDINGS)
    kept = case.notices.get(care.id, 0)
    if kept != ended:
        yield Violation("notice", f"{case.id} tells {kept} times of {care.id}, which has {ended} endings")


def _alarmed(case: Case, timer: Timer) -> Iterator[Violation]:
    name = f"{case.id}, {timer.kind} level {timer.level}"
    if timer.waits:
        yield Violation("timer lost", f"{name} never fired")
    elif timer.told != timer.fired:
        yield Violation("timer", f"{name} fired {int(timer.fired)} times and is told of {timer.told} times")
