"""Compares a history with what the databases hold. Pure: no clock, no network, so that a fake can turn it red.

Promises: every acknowledged write is stored exactly once and as answered; what nobody asked for or was refused is
not there; an unknown outcome is there once or not at all; each stored write has its event, each event its effect,
once and in the order of its key; nothing is left undelivered. What care and complaints promise beyond that is in
`care_checker`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.care_checker import check_care
from tests.faults.history import History, Kind, Operation
from tests.faults.observed import Effect, Observed, Stored
from tests.faults.violations import Violation

EVENT_OF: dict[Kind, str] = {
    "purchase": "customer.purchase_recorded",
    "interaction": "interaction.opened",
    "person": "person.registered",
    "closure": "interaction.closed",
    "complaint": "complaint.opened",
    "offer": "complaint.handover_offered",
    "handover": "complaint.handover_accepted",
    "customer": "customer.registered",
    "answer": "feedback.answered",
    "refusal": "care.unsubscribed",
}
# A birthday that is told again, because nobody heard whether it was taken, is a change like the first.
_MAYBE_AGAIN = frozenset({"birthday"})


def check(history: History, observed: Observed) -> list[Violation]:
    """All broken promises; an empty list is green."""
    return [
        *_writes(history, observed),
        *_events(observed),
        *_effects(observed),
        *_projections(observed),
        *_leftovers(observed),
        *check_care(observed),
    ]


def _writes(history: History, observed: Observed) -> Iterator[Violation]:
    rows: dict[tuple[Kind, str], list[Stored]] = defaultdict(list)
    for row in observed.stored:
        rows[row.kind, row.name].append(row)
    for key, operation in history.operations.items():
        if operation.kind == "closure" and operation.name in observed.earlier:
            continue
        yield from _one_write(operation, rows.pop(key, []))
    for kind, name in rows:
        # A desk may close by an earlier request whose client died; whatever else is here, somebody made up.
        if kind != "closure":
            yield Violation("phantom", f"{kind} {name} is stored and nobody asked for it")


def _one_write(operation: Operation, rows: list[Stored]) -> Iterator[Violation]:
    name = f"{operation.kind} {operation.name} ({operation.outcome}, {operation.attempts} attempts, {operation.told})"
    if operation.outcome == "running":
        yield Violation("unended", f"{name} never ended for its client")
    if len(rows) > 1:
        yield Violation("doubled", f"{name} is stored {len(rows)} times")
    if operation.outcome == "ok" and not rows:
        yield Violation("lost", f"{name} was acknowledged and is not stored")
    if operation.outcome == "refused" and rows:
        yield Violation("phantom", f"{name} was refused and is stored")
    for row in rows[:1]:
        if operation.answer is not None and row.id != operation.answer:
            yield Violation("differs", f"{name} was answered as {operation.answer} and is stored as {row.id}")
        if operation.content and row.content != operation.content:
            yield Violation("differs", f"{name} asked for {operation.content!r} and {row.content!r} is stored")


def _events(observed: Observed) -> Iterator[Violation]:
    told = Counter((event.type, event.subject) for event in observed.emitted)
    for row in observed.stored:
        if row.kind in _MAYBE_AGAIN:
            continue
        times = told[EVENT_OF[row.kind], row.id]
        if times != 1:
            yield Violation("event", f"{row.kind} {row.name} has {times} events {EVENT_OF[row.kind]} instead of one")


def _effects(observed: Observed) -> Iterator[Violation]:
    times = Counter(effect.event_id for effect in observed.effects)
    for event in observed.emitted:
        if times[event.event_id] == 0:
            yield Violation("effect lost", f"{event.type} {event.aggregate} number {event.sequence} had no effect")
    for event_id, count in times.items():
        if count > 1:
            yield Violation("effect doubled", f"event {event_id} had its effect {count} times")
    for event_id in times.keys() - {event.event_id for event in observed.emitted}:
        yield Violation("effect phantom", f"event {event_id} had an effect and was never committed")
    yield from _order(observed.effects)


def _order(effects: list[Effect]) -> Iterator[Violation]:
    last: dict[str, Effect] = {}
    for effect in effects:
        before = last.get(effect.aggregate)
        if before is not None and effect.sequence < before.sequence:
            yield Violation("order", f"{effect.aggregate}: {effect.sequence} had its effect after {before.sequence}")
        last[effect.aggregate] = effect


def _projections(observed: Observed) -> Iterator[Violation]:
    entries = Counter(interaction_id for interaction_id, _ in observed.timeline)
    shown = dict(observed.timeline)
    for interaction_id, state in observed.interactions.items():
        if entries[interaction_id] != 1:
            yield Violation("timeline", f"{interaction_id} has {entries[interaction_id]} entries instead of one")
        elif state == "closed" and shown[interaction_id] != "closed":
            yield Violation("timeline", f"{interaction_id} is closed and shown as {shown[interaction_id]}")
    for row in observed.stored:
        if row.kind == "person" and row.id not in observed.people_at_the_router:
            yield Violation("projection", f"person {row.name} is registered and unknown to the router")


def _leftovers(observed: Observed) -> Iterator[Violation]:
    for service, rows in observed.unsent.items():
        if rows:
            yield Violation("unsent", f"{rows} events in the outbox of {service}")
    for service, rows in observed.parked.items():
        if rows:
            yield Violation("parked", f"{rows} events of {service}")
    for interaction_id, state in observed.interactions.items():
        if state != "closed":
            yield Violation("unfinished", f"{interaction_id} is still {state} although agents are there")
