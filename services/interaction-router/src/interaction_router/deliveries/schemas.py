"""Deliveries and card lists as seen from outside."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from interaction_router.deliveries.events import Means, Outcome, Purpose
from interaction_router.ids import CardListId, CareId, CustomerId, DeliveryId, InteractionId, MessageId

DeliveryState = Literal[
    "queued", "sending", "sent", "unknown", "failed", "cancelled", "bounced", "handed", "completed", "listed"
]


class DeliveryItem(BaseModel):
    """What became of one thing that care decided to send; `reason` says why it failed, was cancelled or bounced."""

    id: DeliveryId
    care_id: CareId
    customer_id: CustomerId
    occasion: str
    purpose: Purpose
    means: Means
    reference: str | None
    state: DeliveryState
    reason: str | None
    outcome: Outcome | None
    attempts: int
    list_id: CardListId | None
    created_at: datetime
    ended_at: datetime | None


class CardList(BaseModel):
    """Cards that are printed and posted together; where glyphs are missing, look at the PDF before posting."""

    id: CardListId
    state: Literal["making", "ready", "posted"]
    cards: int
    glyphs_missing: bool
    created_at: datetime
    posted_at: datetime | None


class MessageText(BaseModel):
    """What a customer wrote."""

    id: MessageId
    interaction_id: InteractionId
    text: str
    language: str | None
    sent_at: datetime
