"""What the router says of deliveries, and of an agent's leaving. Moments within the facts are in business time."""

from datetime import datetime
from typing import ClassVar, Literal

from careline.events import EventPayload
from interaction_router.ids import AgentId, CareId, CustomerId, DeliveryId, InteractionId, LeavingId, MessageId

Purpose = Literal["marketing", "survey", "service"]
Means = Literal["mail", "phone_task", "card"]
Outcome = Literal["reached", "no_answer", "refused", "call_back", "wrong_number"]


class _OfDelivery(EventPayload):
    aggregate_type: ClassVar[str] = "delivery"

    delivery_id: DeliveryId
    care_id: CareId
    customer_id: CustomerId
    means: Means


class Sent(_OfDelivery):
    """The mail server took the mail, or the card was posted."""

    type = "delivery.sent"
    sent_at: datetime


class Unknown(_OfDelivery):
    """The mail server's answer was lost: it may have arrived. `final` says that it is not sent again."""

    type = "delivery.unknown"
    final: bool


class Failed(_OfDelivery):
    """It did not and will not leave."""

    type = "delivery.failed"
    reason: Literal["no_address", "bad_address", "refused", "gave_up"]


class Cancelled(_OfDelivery):
    """Care withdrew it at the last moment; `gate` says why."""

    type = "delivery.cancelled"
    gate: str


class Bounced(_OfDelivery):
    """It left and came back. `status` is the code of RFC 3463, where the report names one."""

    type = "delivery.bounced"
    status: str | None


class Completed(_OfDelivery):
    """The call was made, or was tried for the last time."""

    type = "delivery.completed"
    outcome: Outcome
    attempts: int
    interaction_id: InteractionId


class Replied(_OfDelivery):
    """The customer answered it; the answer is an interaction like any other."""

    type = "delivery.replied"
    message_id: MessageId
    interaction_id: InteractionId


class LeavingAcknowledged(EventPayload):
    """What a person who leaves held here has been moved; `moved` counts it by kind."""

    type = "leaving.acknowledged"
    aggregate_type = "leaving"
    leaving_id: LeavingId
    person_id: AgentId
    service: Literal["router"]
    moved: dict[str, int]


PAYLOADS: list[type[EventPayload]] = [
    Sent,
    Unknown,
    Failed,
    Cancelled,
    Bounced,
    Completed,
    Replied,
    LeavingAcknowledged,
]
