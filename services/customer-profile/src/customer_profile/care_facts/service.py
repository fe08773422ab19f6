"""Puts care facts together out of what is recorded. Pure but for the two statements."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from careline.database import ReadConnection
from customer_profile.care_facts import repository
from customer_profile.care_facts.cadence import rhythm
from customer_profile.care_facts.repository import Bought
from customer_profile.care_facts.schemas import ByChannel, Cadence, CareFacts, ConsentsByPurpose, Reachable

_AS_RECORDED = (
    *("customer_id", "version", "name", "salutation", "language", "tier", "lifecycle", "birthday", "time_zone"),
    *("quiet_from", "quiet_to", "preferred_channel", "postal_address", "owner_id"),
)


async def facts_of(connection: ReadConnection, customer_ids: Sequence[UUID], zone: ZoneInfo) -> list[CareFacts]:
    """The facts of those of these customers who are known; `zone` is the company's."""
    return await _complete(connection, await repository.of_customers(connection, customer_ids), zone)


async def facts_after(
    connection: ReadConnection, customer_id: UUID | None, limit: int, zone: ZoneInfo
) -> list[CareFacts]:
    """The facts of the next customers by id."""
    return await _complete(connection, await repository.after(connection, customer_id, limit), zone)


async def _complete(connection: ReadConnection, rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[CareFacts]:
    bought = await repository.purchases(connection, [row["customer_id"] for row in rows])
    return [_facts(row, bought.get(row["customer_id"]), zone) for row in rows]


def _facts(row: Mapping[str, Any], bought: Bought | None, zone: ZoneInfo) -> CareFacts:
    since = bought.purchased_at[0] if bought else row["created_at"]
    return CareFacts(
        **{name: row[name] for name in _AS_RECORDED},
        since_on=since.astimezone(ZoneInfo(row["time_zone"]) if row["time_zone"] else zone).date(),
        identifiers=Reachable(mail=row["mail"], phone=row["phone"]),
        consents=_consents(row["consents"] or ()),
        cadence=_cadence(bought),
        warranties=[given | {"product_id": UUID(given["product_id"])} for given in row["warranties"] or ()],
    )


def _consents(said: Sequence[Sequence[str]]) -> ConsentsByPurpose:
    last = {(purpose, channel): state for purpose, channel, state in said}
    return ConsentsByPurpose.model_validate(
        {
            purpose: {channel: last.get((purpose, channel), "none") for channel in ByChannel.model_fields}
            for purpose in ConsentsByPurpose.model_fields
        }
    )


def _cadence(bought: Bought | None) -> Cadence | None:
    found = rhythm(bought.purchased_at) if bought else None
    if bought is None or found is None:
        return None
    return Cadence(
        purchases=len(bought.purchased_at),
        last_purchase_id=bought.last_purchase_id,
        last_purchased_at=bought.purchased_at[-1],
        typical_gap_days=found.typical_gap_days,
        overdue_at=found.overdue_at,
    )
