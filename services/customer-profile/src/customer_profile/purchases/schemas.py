"""Purchases as they go in and out."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from customer_profile.identifiers.schemas import IdentifierRef
from customer_profile.ids import CustomerId, PurchaseId
from customer_profile.inputs import AmountMinor, Currency, Input, Line, Moment, Output

MAX_ITEMS = 500
MAX_QUANTITY = 1_000_000

Source = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-]{0,63}$")]
ExternalId = Annotated[Line, Field(max_length=100)]


class PurchaseItem(Input):
    """One line of a purchase."""

    sku: Line | None = None
    name: Line
    category: Line | None = None
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY, strict=True)]
    amount_minor: AmountMinor


class Buyer(Input):
    """Who bought: an id of ours, or an identifier; exactly one of them."""

    id: CustomerId | None = None
    identifier: IdentifierRef | None = None

    @model_validator(mode="after")
    def _is_one_of_them(self) -> Self:
        if (self.id is None) == (self.identifier is None):
            raise ValueError("give either id or identifier")
        return self


class PurchaseInput(Input):
    """A purchase to record; `source` and `external_id` name it for ever."""

    external_id: ExternalId
    source: Source | None = None
    customer: Buyer
    purchased_at: Moment
    items: Annotated[list[PurchaseItem], Field(max_length=MAX_ITEMS)]
    total_minor: AmountMinor
    currency: Currency


class Purchase(Output):
    """A recorded purchase."""

    id: PurchaseId
    customer_id: CustomerId
    source: str
    external_id: str
    purchased_at: datetime
    items: list[PurchaseItem]
    total_minor: int
    currency: str
    recorded_at: datetime
