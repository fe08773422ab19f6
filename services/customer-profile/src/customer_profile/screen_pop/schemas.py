"""What the screen pop shows. For a claimed identity it counts and says of which kind, and nothing more."""

from datetime import date, datetime
from typing import Literal

from customer_profile.customers.schemas import Flag
from customer_profile.events import IdentifierState, IdentifierType, Stage
from customer_profile.ids import CareId, ComplaintId, CustomerId, IdentifierId, PurchaseId
from customer_profile.inputs import Output
from customer_profile.products.warranty import WarrantyState
from customer_profile.purchases.schemas import PurchaseItem
from customer_profile.timeline.schemas import TimelineEntry


class PoppedCustomer(Output):
    """How to address the customer."""

    id: CustomerId
    name: str
    salutation: str | None
    language: str
    tier: str
    lifecycle: Stage


class PoppedIdentifier(Output):
    """An identifier; masked unless the contact is verified."""

    id: IdentifierId
    type: IdentifierType
    value_shown: str
    state: IdentifierState


class PoppedPurchase(Output):
    """One of the last purchases."""

    id: PurchaseId
    purchased_at: datetime
    items: list[PurchaseItem]
    total_minor: int
    currency: str


class PoppedProduct(Output):
    """A product that the customer owns."""

    name: str
    bought_on: date | None
    warranty_ends_on: date | None
    warranty_state: WarrantyState


class HouseholdMember(Output):
    """Somebody who lives with the customer."""

    customer_id: CustomerId
    name: str
    relation: str | None


class OpenComplaint(Output):
    """A complaint that is not closed."""

    complaint_id: ComplaintId
    state: str
    kind: str
    opened_at: datetime
    resolve_by: datetime


class NextCare(Output):
    """Care that is due now and has not been carried out."""

    care_id: CareId
    occasion: str
    means: str
    due_at: datetime


class Counts(Output):
    """How much there is, and of which kinds."""

    purchases: int
    products: int
    household: int
    contacts: dict[str, int]


class ScreenPop(Output):
    """The customer at a glance."""

    customer: PoppedCustomer
    identifiers: list[PoppedIdentifier]
    # What staff noted, and `open_complaint` while there is one.
    flags: list[Flag]
    open_complaints: list[OpenComplaint]
    next_care: NextCare | None
    last_purchases: list[PoppedPurchase]
    products: list[PoppedProduct]
    contacts: list[TimelineEntry]
    household: list[HouseholdMember]
    counts: Counts
    as_of: datetime
    identity: Literal["verified", "claimed"]
    masked: bool
