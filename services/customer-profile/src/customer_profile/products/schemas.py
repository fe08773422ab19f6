"""Products as they go in and out."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from customer_profile.ids import CustomerId, ProductId, PurchaseId
from customer_profile.inputs import Input, Line, Output
from customer_profile.products.warranty import WarrantyState

Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2200, 1, 1))]


class ProductInput(Input):
    """A product that a customer owns."""

    customer_id: CustomerId
    name: Line
    sku: Line | None = None
    serial: Line | None = None
    bought_on: Day | None = None
    warranty_ends_on: Day | None = None
    purchase_id: PurchaseId | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.bought_on and self.warranty_ends_on and self.warranty_ends_on < self.bought_on:
            raise ValueError("warranty_ends_on must not be before bought_on")
        return self


class Product(Output):
    """A product and what its warranty is worth today."""

    id: ProductId
    customer_id: CustomerId
    name: str
    sku: str | None
    serial: str | None
    bought_on: date | None
    warranty_ends_on: date | None
    warranty_state: WarrantyState
    purchase_id: PurchaseId | None
    registered_at: datetime
