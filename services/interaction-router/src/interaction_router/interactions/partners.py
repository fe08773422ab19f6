"""Matters that partners' programs write down."""

from typing import Annotated

import phonenumbers
from fastapi import APIRouter, Request

from careline.auth import Principal, requires
from careline.idempotency import Idempotency
from careline.problems import Conflict, InvalidInput, problem_responses
from interaction_router.customers.client import Customers, Identifier
from interaction_router.interactions import rows
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.receive import Arrival, DuplicateMessageError, receive
from interaction_router.interactions.schemas import IdentifierInput, Interaction, InteractionInput
from interaction_router.unit import Unit, units_of

router = APIRouter(prefix="/v1/interactions", tags=["partners"], responses=problem_responses(401, 403))
Partner = Annotated[Principal, requires("interactions:write")]


class AlreadyKnown(Conflict):
    """The partner has written this matter down before, under another Idempotency-Key."""

    type_name = "external-id-known"
    title = "The external id is known already"


@router.post("", status_code=201, responses=problem_responses(400, 409))
async def open_interaction(
    body: InteractionInput, principal: Partner, once: Idempotency, request: Request
) -> Interaction:
    """Write down a matter that a customer brought to you; it is routed like any other."""
    customers: Customers = request.state.customers
    identifier = _identifier(body.customer.identifier)
    # Asked before the transaction: a slow profile must hold neither a connection nor the key that a repeat waits for.
    resolution = await customers.resolve([identifier])
    arrival = Arrival(
        channel=body.channel,
        contact=f"{principal.subject}:{body.external_id}",
        queue=body.queue,
        subject=body.subject,
        display_name="",
        language=body.language,
        identifier=identifier,
        resolution=resolution,
    )
    async with units_of(request).begin() as unit:
        return await once.run(unit.connection, principal.subject, lambda: _open(unit, arrival, body, principal))


async def _open(unit: Unit, arrival: Arrival, body: InteractionInput, principal: Principal) -> Interaction:
    message = NewMessage(
        channel=body.channel,
        kind="inbound",
        author_kind="customer",
        author_name=arrival.resolution.name or "" if arrival.resolution else "",
        text=body.text,
        sent_at=body.occurred_at,
        language=body.language,
        subject=body.subject,
        external_id=f"{principal.subject}:{body.external_id}",
    )
    try:
        joined = await receive(unit, arrival, message)
    except DuplicateMessageError:
        raise AlreadyKnown("Repeat a request under its own Idempotency-Key.") from None
    row = await rows.find_row(unit.connection, joined.interaction_id)
    if row is None:
        raise LookupError(joined.interaction_id)
    return rows.interaction(row, await rows.identifiers_of(unit.connection, joined.interaction_id), None)


def _identifier(given: IdentifierInput) -> Identifier:
    """A partner's word does not prove whose an identifier is."""
    value = given.value
    if given.type == "phone":
        try:
            number = phonenumbers.parse(value, None)
        except phonenumbers.NumberParseException:
            raise InvalidInput("customer.identifier.value", "no phone number", "Use E.164: +8613800138000.") from None
        value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if given.type == "email" and "@" not in value:
        raise InvalidInput("customer.identifier.value", "no mail address", "Use name@domain.")
    return Identifier(given.type, value.lower() if given.type == "email" else value, proven=False)
