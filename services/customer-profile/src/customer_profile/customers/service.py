"""Registering, reading and changing customers."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

import asyncpg

from careline.database import ReadConnection, WriteConnection
from careline.events import EventPayload
from careline.ids import encode, new_id
from careline.problems import InvalidInput, NotFound, PreconditionFailed, Problem
from customer_profile.context import Work
from customer_profile.customers import repository
from customer_profile.customers.schemas import Customer, CustomerChange, CustomerInput
from customer_profile.events import CustomerRegistered, CustomerUpdated, OwnerChanged
from customer_profile.identifiers import repository as identifiers
from customer_profile.identifiers.repository import New
from customer_profile.identifiers.service import attach, normalised
from customer_profile.ledger import tell


class VersionMissing(Problem):
    """Two people may edit at once, so a change names the version that it was made on."""

    status: ClassVar[int] = 428
    type_name = "version-missing"
    title = "If-Match is missing"


def etag(version: int) -> str:
    """The version as the ETag that it is outside."""
    return f'"{version}"'


async def register(work: Work, body: CustomerInput) -> Customer:
    """Add a customer with all identifiers, or nothing."""
    customer_id = new_id()
    items = [
        New.of(
            normalised(given, f"identifiers.{position}.value"), verified_by="agent_check" if given.verified else None
        )
        for position, given in enumerate(body.identifiers)
    ]
    if len({item.normal.key for item in items}) < len(items):
        raise InvalidInput("identifiers", "repeated", "Give each identifier once.")
    await repository.insert(
        work.connection,
        customer_id,
        name=body.name,
        salutation=body.salutation,
        language=body.language,
        tier=body.tier,
        lifecycle=body.lifecycle,
        birthday=body.birthday.model_dump() if body.birthday else None,
        flags=[flag.model_dump() for flag in body.flags],
        postal_address=body.postal_address.model_dump() if body.postal_address else None,
        now=work.now,
    )
    events: list[EventPayload] = [CustomerRegistered(customer_id=customer_id, stage=body.lifecycle)]
    events += await attach(work, customer_id, items, source="staff")
    await tell(work.connection, work.outbox, customer_id, events, work.now)
    return await read(work.connection, customer_id)


async def read(connection: ReadConnection | WriteConnection, customer_id: UUID) -> Customer:
    """The customer with all identifiers."""
    row = await repository.find(connection, customer_id)
    if row is None:
        raise NotFound("customer", encode("cus", customer_id))
    return Customer(**row, identifiers=await identifiers.of_customer(connection, customer_id))


async def change(work: Work, customer_id: UUID, body: CustomerChange, if_match: str | None) -> Customer:
    """Change the given fields of exactly the version that the caller has seen."""
    if if_match is None:
        raise VersionMissing("Read the customer and send its ETag back as If-Match.")
    row = await repository.find(work.connection, customer_id, locked=True)
    if row is None:
        raise NotFound("customer", encode("cus", customer_id))
    if if_match not in {etag(row["version"]), "*"}:
        raise PreconditionFailed("Read the customer again and make the change on what it is now.")
    fields = body.model_dump(include=body.model_fields_set)
    if fields:
        await _apply(work, customer_id, fields)
        await tell(work.connection, work.outbox, customer_id, _changes(customer_id, row, fields), work.now)
    return await read(work.connection, customer_id)


async def _apply(work: Work, customer_id: UUID, fields: Mapping[str, Any]) -> None:
    try:
        await repository.change(work.connection, customer_id, fields)
    except (asyncpg.ForeignKeyViolationError, asyncpg.CheckViolationError) as fault:
        if fault.constraint_name not in {"fk_customers_owner_id", "ck_customers_owner_active"}:
            raise
        raise InvalidInput("owner_id", "nobody who works here", "Choose somebody who is not leaving.") from None


def _changes(customer_id: UUID, before: Mapping[str, Any], fields: Mapping[str, Any]) -> list[EventPayload]:
    """What to tell: who looks after the customer is an event of its own."""
    told: list[EventPayload] = []
    recorded = sorted(fields.keys() - {"owner_id"})
    if recorded:
        tier, language = fields.get("tier", before["tier"]), fields.get("language", before["language"])
        told.append(CustomerUpdated(customer_id=customer_id, fields=recorded, tier=tier, language=language))
    if "owner_id" in fields:
        told.append(OwnerChanged(customer_id=customer_id, owner_id=fields["owner_id"]))
    return told
