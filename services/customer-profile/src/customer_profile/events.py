"""The events that the customer profile emits: ids and listed facts, never a name, a number or an address."""

from datetime import datetime
from typing import ClassVar, Literal

from careline.events import EventCatalogue, EventPayload
from customer_profile.ids import (
    ConsentId,
    CustomerId,
    IdentifierId,
    LeavingId,
    PersonId,
    ProductId,
    PurchaseId,
    VisitorId,
)

Stage = Literal["lead", "customer"]
IdentifierType = Literal["email", "phone", "card", "plate", "order", "wechat_open", "visitor"]
IdentifierState = Literal["claimed", "verified"]
Purpose = Literal["service", "marketing", "survey"]
ConsentChannel = Literal["mail", "sms", "phone", "letter"]
ConsentState = Literal["granted", "withdrawn"]


class _OfCustomer(EventPayload):
    aggregate_type: ClassVar[str] = "customer"

    customer_id: CustomerId


class CustomerRegistered(_OfCustomer):
    """Somebody is known to us from now on."""

    type = "customer.registered"
    stage: Stage


class CustomerUpdated(_OfCustomer):
    """Staff changed what is recorded about a customer."""

    type = "customer.updated"
    fields: list[str]
    tier: str
    language: str


class IdentifierAdded(_OfCustomer):
    """A customer can be found by one more identifier."""

    type = "customer.identifier_added"
    identifier_id: IdentifierId
    identifier_type: IdentifierType
    state: IdentifierState


class IdentifierVerified(_OfCustomer):
    """An identifier has been proven to be the customer's."""

    type = "customer.identifier_verified"
    identifier_id: IdentifierId
    identifier_type: IdentifierType
    method: str


class VisitorLinked(_OfCustomer):
    """What an anonymous visitor did belongs to this customer."""

    type = "customer.visitor_linked"
    visitor_id: VisitorId


class PurchaseRecorded(_OfCustomer):
    """A customer bought something."""

    type = "customer.purchase_recorded"
    purchase_id: PurchaseId
    purchased_at: datetime
    total_minor: int
    currency: str
    source: str


class ProductRegistered(_OfCustomer):
    """A customer owns a product that we service."""

    type = "customer.product_registered"
    product_id: ProductId
    purchase_id: PurchaseId | None


class ConsentChanged(_OfCustomer):
    """A customer allowed, or forbade, to be written to or called for a purpose."""

    type = "customer.consent_changed"
    consent_id: ConsentId
    purpose: Purpose
    channel: ConsentChannel
    state: ConsentState


class PreferencesChanged(_OfCustomer):
    """A customer wants to be reached in another way, or at other hours."""

    type = "customer.preferences_changed"


class OwnerChanged(_OfCustomer):
    """Somebody else looks after the customer from now on."""

    type = "customer.owner_changed"
    owner_id: PersonId | None


class LeavingAcknowledged(EventPayload):
    """All accounts of a leaver are somebody else's."""

    type = "leaving.acknowledged"
    aggregate_type = "leaving"

    leaving_id: LeavingId
    person_id: PersonId
    service: Literal["profile"]
    moved: dict[str, int]


CATALOGUE = EventCatalogue(
    "profile",
    [
        CustomerRegistered,
        CustomerUpdated,
        IdentifierAdded,
        IdentifierVerified,
        VisitorLinked,
        PurchaseRecorded,
        ProductRegistered,
        ConsentChanged,
        PreferencesChanged,
        OwnerChanged,
        LeavingAcknowledged,
    ],
)
