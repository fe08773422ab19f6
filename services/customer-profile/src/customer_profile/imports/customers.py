"""A chunk of customers in a handful of statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.events import EventPayload
from careline.ids import encode, new_id
from customer_profile.context import Work
from customer_profile.events import CustomerRegistered
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.normal import Normal
from customer_profile.identifiers.repository import Known, New
from customer_profile.identifiers.service import added_event
from customer_profile.imports.outcome import Outcome, RaceLostError, RefusedError
from customer_profile.imports.rows import Checked
from customer_profile.ledger import tell

Key = tuple[str, str, str]

# The version is the number of events that the import tells of each new customer.
_INSERT = """
INSERT INTO customers (id, name, salutation, language, tier, lifecycle, flags, version, created_at, updated_at)
SELECT id, name, salutation, language, tier, 'customer', '[]', version, $7, $7
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
     AS given(id, name, salutation, language, tier, version)
"""


@dataclass(frozen=True, slots=True)
class _Addition:
    customer_id: UUID
    row: Checked
    items: list[New]


async def take(work: Work, rows: Sequence[Checked], _: str) -> Outcome:
    """Add the customers of a chunk, or their further identifiers to those whom we know."""
    outcome = Outcome()
    known = await identifiers.find(work.connection, [normal for row in rows for normal in row.identifiers])
    new: list[_Addition] = []
    further: list[_Addition] = []
    for row in rows:
        try:
            owner = _owner(row, known)
        except RefusedError as refused:
            outcome.refuse(row, *refused.reason)
            continue
        items = [New.of(normal) for normal in row.identifiers if normal.key not in known]
        if owner is None:
            new.append(_Addition(new_id(), row, items))
        elif items:
            further.append(_Addition(owner, row, items))
        else:
            outcome.unchanged += 1
    await _add_new(work, new)
    for addition in sorted(further, key=lambda each: each.customer_id):
        await _add_identifiers(work, addition.customer_id, addition.items)
        await tell(work.connection, work.outbox, addition.customer_id, _events(addition), work.now)
    outcome.created, outcome.updated = len(new), len(further)
    return outcome


def _owner(row: Checked, known: dict[Key, Known]) -> UUID | None:
    """Whom the row is about; None for somebody new, RefusedError if nobody can tell."""
    held = [(normal, known[normal.key]) for normal in row.identifiers if normal.key in known]
    owners = {holder.customer_id for normal, holder in held if _joins(normal, holder)}
    if len(owners) > 1:
        hint = "Its identifiers belong to different customers; look at them and correct the row."
        raise RefusedError("row", "names two customers", row.data.name, hint)
    owner = next(iter(owners), None)
    for normal, holder in held:
        if holder.customer_id != owner:
            hint = "It may be shared, and it is not verified, so it does not say that this is the same person."
            raise RefusedError(normal.type, "belongs to another customer", normal.typed, hint)
    return owner


def _joins(normal: Normal, holder: Known) -> bool:
    """Whether sharing this identifier makes the row the same customer; a card number is given by us to one person."""
    return holder.state == "verified" or holder.mobile or normal.type == "card"


async def _add_new(work: Work, additions: Sequence[_Addition]) -> None:
    if not additions:
        return
    await work.connection.execute(_INSERT, *_columns(additions), work.now)
    owners = [addition.customer_id for addition in additions for _ in addition.items]
    items = [item for addition in additions for item in addition.items]
    added = await identifiers.insert_many(work.connection, owners, items, source="import", now=work.now)
    if len(added) < len(items):
        raise RaceLostError
    await work.outbox.append_many(work.connection, [event for each in additions for event in _numbered(each, work.now)])


def _columns(additions: Sequence[_Addition]) -> tuple[list[Any], ...]:
    data = [addition.row.data for addition in additions]
    return (
        [addition.customer_id for addition in additions],
        [each.name for each in data],
        [each.salutation for each in data],
        [each.language for each in data],
        [each.tier for each in data],
        [1 + len(addition.items) for addition in additions],
    )


def _numbered(addition: _Addition, now: datetime) -> list[tuple[EventPayload, str, int, datetime]]:
    told: list[EventPayload] = [CustomerRegistered(customer_id=addition.customer_id, stage="customer")]
    told += _events(addition)
    key = encode("cus", addition.customer_id)
    return [(payload, key, sequence, now) for sequence, payload in enumerate(told, start=1)]


def _events(addition: _Addition) -> list[EventPayload]:
    return [added_event(addition.customer_id, item) for item in addition.items]


async def _add_identifiers(work: Work, customer_id: UUID, items: Sequence[New]) -> None:
    added = await identifiers.insert(work.connection, customer_id, items, source="import", now=work.now)
    if len(added) < len(items):
        raise RaceLostError
