"""The events that the care scheduler emits: ids and listed facts, never a name, an address or a text."""

from datetime import datetime
from typing import ClassVar, Literal

from care_scheduler.ids import CareId, CustomerId
from careline.events import EventCatalogue, EventPayload

Purpose = Literal["marketing", "survey", "service"]
Means = Literal["mail", "phone_task", "card"]
Channel = Literal["mail", "phone", "letter"]


class _OfCare(EventPayload):
    aggregate_type: ClassVar[str] = "care"

    care_id: CareId
    customer_id: CustomerId


class CareDue(_OfCare):
    """A customer is to be cared for now, by these means; whoever sends it fetches the content and is judged again."""

    type = "care.due"
    occasion: str
    occasion_key: str
    purpose: Purpose
    means: Means
    cell: str
    reference: str | None
    due_at: datetime
    not_after: datetime


class CareHeld(_OfCare):
    """Care waits until the customer's quiet hours are over."""

    type = "care.held"
    occasion: str
    reference: str | None
    gate: str
    until: datetime


class CareSuppressed(_OfCare):
    """A gate said no; the item keeps every verdict."""

    type = "care.suppressed"
    occasion: str
    reference: str | None
    gate: str


class CareExpired(_OfCare):
    """Its time is over; it is never sent late."""

    type = "care.expired"
    occasion: str
    reference: str | None


class CareCompleted(_OfCare):
    """What became of care that was given: how it was carried, and the outcome."""

    type = "care.completed"
    occasion: str
    reference: str | None
    outcome: str


class CareUnsubscribed(_OfCare):
    """A customer said no to a purpose on a channel, by the link in this care."""

    type = "care.unsubscribed"
    purpose: Purpose
    channel: Channel


CATALOGUE = EventCatalogue("care", [CareDue, CareHeld, CareSuppressed, CareExpired, CareCompleted, CareUnsubscribed])
