"""Care facts as they go out."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from customer_profile.customers.schemas import Birthday, PostalAddress
from customer_profile.events import IdentifierState, Stage
from customer_profile.ids import CustomerId, PersonId, ProductId, PurchaseId
from customer_profile.inputs import Input, Output
from customer_profile.preferences.schemas import ClockTime, PreferredChannel

MAX_CUSTOMERS = 500

# "none": the customer has never said anything about it.
EffectiveConsent = Literal["granted", "withdrawn", "none"]


class Wanted(Input):
    """The customers whose facts are wanted; those that are not known are left out of the answer."""

    customer_ids: Annotated[list[CustomerId], Field(min_length=1, max_length=MAX_CUSTOMERS)]


class Reached(Output):
    """An address or number by which the customer can be reached."""

    value: str
    state: IdentifierState


class Reachable(Output):
    """The best address of each kind: a verified one if there is any, else the oldest."""

    mail: Reached | None
    phone: Reached | None


class ByChannel(Output):
    """The last word about each channel."""

    mail: EffectiveConsent
    sms: EffectiveConsent
    phone: EffectiveConsent
    letter: EffectiveConsent


class ConsentsByPurpose(Output):
    """What the customer allows, for each purpose."""

    service: ByChannel
    marketing: ByChannel
    survey: ByChannel


class Cadence(Output):
    """The rhythm in which the customer buys, as `cadence.rhythm` finds it."""

    purchases: int
    last_purchase_id: PurchaseId
    last_purchased_at: datetime
    typical_gap_days: float
    overdue_at: datetime


class Warranty(Output):
    """A product whose warranty ends, or ended, on a day."""

    product_id: ProductId
    name: str
    ends_on: date


class CareFacts(Output):
    """What care needs to know of a customer; `version` counts every change of it."""

    customer_id: CustomerId
    version: int
    name: str
    salutation: str | None
    language: str
    tier: str
    lifecycle: Stage
    birthday: Birthday | None
    # The local day of the first purchase, or of the registration without one.
    since_on: date
    # Null: the customer named none; the company's is meant.
    time_zone: str | None
    quiet_from: ClockTime | None
    quiet_to: ClockTime | None
    preferred_channel: PreferredChannel | None
    identifiers: Reachable
    postal_address: PostalAddress | None
    consents: ConsentsByPurpose
    cadence: Cadence | None
    warranties: list[Warranty]
    owner_id: PersonId | None


class CareFactsList(Output):
    """The facts of the customers that are known, by id."""

    items: list[CareFacts]


class CareFactsPage(CareFactsList):
    """Some customers by id, and the last of them if there are more: it is the next `after`."""

    next: CustomerId | None
