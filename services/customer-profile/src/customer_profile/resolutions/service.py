"""Finds or makes the customer behind a contact; parallel first contacts of one person make one customer."""

from collections.abc import Sequence
from contextlib import nullcontext
from uuid import UUID

from careline.events import EventPayload
from careline.ids import new_id
from careline.problems import FieldFault, Unavailable
from customer_profile.context import Work
from customer_profile.customers import repository as customers
from customer_profile.events import CustomerRegistered
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.mask import masked
from customer_profile.identifiers.normal import InvalidIdentifierError, normalise
from customer_profile.identifiers.repository import New
from customer_profile.identifiers.service import added_event, verify_in
from customer_profile.ledger import tell
from customer_profile.resolutions import repository
from customer_profile.resolutions.decision import Decision, Wanted, decide
from customer_profile.resolutions.schemas import Resolution, ResolutionInput, ResolvedIdentifier
from customer_profile.timeline import visitors

# Each lost race means that somebody else has just added one of the identifiers, so there are never many.
ATTEMPTS = 12
LEAD_TIER = "regular"


class _RaceLostError(Exception):
    """Another contact has just added one of the identifiers."""


async def resolve(work: Work, body: ResolutionInput) -> Resolution:
    """Who is behind the contact; an unknown person becomes a lead."""
    wanted, unusable = _usable(body)
    for _ in range(ATTEMPTS):
        decision = decide(wanted, await identifiers.find(work.connection, [item.normal for item in wanted]))
        try:
            # Only adding can lose a race; nothing else needs a way back.
            async with work.connection.transaction() if decision.attach else nullcontext():
                customer_id = await _carry_out(work, decision, body)
        except _RaceLostError:
            continue
        return await _answer(work, wanted, unusable, decision, customer_id)
    raise Unavailable("Too many contacts with these identifiers at once. Nothing was changed; try again.")


def _usable(body: ResolutionInput) -> tuple[list[Wanted], list[FieldFault]]:
    found: dict[tuple[str, str, str], Wanted] = {}
    unusable: list[FieldFault] = []
    for position, given in enumerate(body.identifiers):
        try:
            normal = normalise(given.type, given.value, given.namespace)
        except InvalidIdentifierError as fault:
            unusable.append(FieldFault(field=f"identifiers.{position}.value", rule=fault.rule, hint=fault.hint))
            continue
        earlier = found.get(normal.key)
        found[normal.key] = Wanted(normal, proven=given.proven or (earlier is not None and earlier.proven))
    return list(found.values()), unusable


async def _carry_out(work: Work, decision: Decision, body: ResolutionInput) -> UUID | None:
    customer_id = decision.customer_id
    if decision.create:
        customer_id = await _create_lead(work, decision.attach, body)
    elif customer_id is not None and decision.match == "verified":
        await _learn(work, customer_id, decision)
    if body.visitor_id is None:
        return customer_id
    if customer_id is not None and decision.match == "verified":
        await visitors.link(work.connection, work.outbox, customer_id, body.visitor_id, work.now)
    return customer_id or await visitors.customer_of(work.connection, body.visitor_id)


async def _create_lead(work: Work, attach: Sequence[Wanted], body: ResolutionInput) -> UUID:
    customer_id = new_id()
    first = attach[0].normal
    await customers.insert(
        work.connection,
        customer_id,
        name=body.display_name or masked(first.type, first.value),
        language=body.language,
        tier=LEAD_TIER,
        lifecycle="lead",
        now=work.now,
    )
    events: list[EventPayload] = [CustomerRegistered(customer_id=customer_id, stage="lead")]
    events += await _attach(work, customer_id, attach)
    await tell(work.connection, work.outbox, customer_id, events, work.now)
    return customer_id


async def _learn(work: Work, customer_id: UUID, decision: Decision) -> None:
    """The person has proven to be this customer: keep what else they came with."""
    await verify_in(work.connection, work.outbox, customer_id, decision.verify, method="contact", now=work.now)
    if decision.attach:
        events = await _attach(work, customer_id, decision.attach)
        await tell(work.connection, work.outbox, customer_id, events, work.now)


async def _attach(work: Work, customer_id: UUID, attach: Sequence[Wanted]) -> list[EventPayload]:
    items = [New.of(item.normal, verified_by="contact" if item.proven else None) for item in attach]
    added = await identifiers.insert(work.connection, customer_id, items, source="contact", now=work.now)
    if len(added) < len(items):
        raise _RaceLostError
    return [added_event(customer_id, item) for item in items]


async def _answer(
    work: Work, wanted: Sequence[Wanted], unusable: list[FieldFault], decision: Decision, customer_id: UUID | None
) -> Resolution:
    row = await repository.summary(work.connection, customer_id) if customer_id else None
    held = await identifiers.find(work.connection, [item.normal for item in wanted])
    return Resolution(
        customer_id=customer_id,
        name=row["name"] if row else None,
        tier=row["tier"] if row else None,
        language=row["language"] if row else None,
        match="claimed" if decision.match == "none" and customer_id else decision.match,
        created=decision.create,
        identifiers=[
            ResolvedIdentifier(id=known.id, type=item.normal.type, state=known.state)
            for item in wanted
            if (known := held.get(item.normal.key)) is not None and known.customer_id == customer_id
        ],
        unusable=unusable,
    )
