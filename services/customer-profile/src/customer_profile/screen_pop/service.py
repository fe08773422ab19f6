"""Makes the screen pop out of what is recorded. A pure function: what a claimed identity must not show is left out."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from customer_profile.identifiers.mask import masked
from customer_profile.products.warranty import warranty_state
from customer_profile.screen_pop.schemas import (
    Counts,
    HouseholdMember,
    NextCare,
    OpenComplaint,
    PoppedCustomer,
    PoppedIdentifier,
    PoppedProduct,
    PoppedPurchase,
    ScreenPop,
)
from customer_profile.timeline.schemas import TimelineEntry

Row = Mapping[str, Any]
OPEN_COMPLAINT: Final = "open_complaint"
_IDS: Final = frozenset({"id", "customer_id", "complaint_id", "care_id"})
Identity = Literal["verified", "claimed"]


def compose(row: Row, identity: Identity, now: datetime) -> ScreenPop:
    """The screen pop at `now` for a contact whose identity is verified or only claimed."""
    hidden = identity == "claimed"
    return ScreenPop(
        customer=PoppedCustomer(**{name: row[name] for name in PoppedCustomer.model_fields}),
        identifiers=[_identifier(given, hidden=hidden) for given in row["identifiers"]],
        flags=[] if hidden else _flags(row),
        open_complaints=[] if hidden else [OpenComplaint(**_with_ids(given)) for given in row["open_complaints"]],
        next_care=None if hidden or row["next_care"] is None else NextCare(**_with_ids(row["next_care"])),
        last_purchases=[] if hidden else [PoppedPurchase(**_with_ids(given)) for given in row["last_purchases"]],
        products=[] if hidden else [_product(given, now.date()) for given in row["products"]],
        contacts=[] if hidden else [TimelineEntry(**_with_ids(given)) for given in row["contacts"]],
        household=[] if hidden else [HouseholdMember(**_with_ids(given)) for given in row["household"]],
        counts=Counts(
            purchases=row["purchase_count"],
            products=row["product_count"],
            household=len(row["household"]),
            contacts=row["contact_counts"],
        ),
        as_of=now,
        identity=identity,
        masked=hidden,
    )


def _flags(row: Row) -> list[Any]:
    return [*row["flags"], {"code": OPEN_COMPLAINT}] if row["open_complaints"] else list(row["flags"])


def _identifier(given: Row, *, hidden: bool) -> PoppedIdentifier:
    shown = masked(given["type"], given["value"]) if hidden else given["shown"]
    return PoppedIdentifier(id=UUID(given["id"]), type=given["type"], value_shown=shown, state=given["state"])


def _product(given: Row, today: date) -> PoppedProduct:
    ends_on = date.fromisoformat(given["warranty_ends_on"]) if given["warranty_ends_on"] else None
    return PoppedProduct(
        name=given["name"],
        bought_on=given["bought_on"],
        warranty_ends_on=ends_on,
        warranty_state=warranty_state(ends_on, today),
    )


def _with_ids(given: Row) -> dict[str, Any]:
    """PostgreSQL writes ids into JSON as plain UUIDs."""
    return {name: UUID(value) if name in _IDS else value for name, value in given.items()}
