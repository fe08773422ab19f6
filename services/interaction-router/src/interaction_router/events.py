"""Everything the router says on Kafka. Events carry ids and listed facts, never a name, an address or a text."""

from datetime import datetime
from typing import ClassVar, Literal

from careline.events import EventCatalogue, EventPayload
from interaction_router.deliveries import events as deliveries
from interaction_router.ids import (
    AgentId,
    CustomerId,
    DecisionId,
    IdentifierId,
    InteractionId,
    MessageId,
    OfferId,
    QueueId,
    VisitorId,
)

Channel = Literal["mail", "chat", "partner", "in_person", "phone_task"]
Identity = Literal["verified", "claimed", "unknown"]


class _OfInteraction(EventPayload):
    aggregate_type: ClassVar[str] = "interaction"

    interaction_id: InteractionId


class Opened(_OfInteraction):
    """Somebody reached us with a new matter."""

    type = "interaction.opened"
    channel: Channel
    queue_id: QueueId
    customer_id: CustomerId | None
    visitor_id: VisitorId | None
    identity: Identity
    opened_at: datetime
    previous_interaction_id: InteractionId | None


class Offered(_OfInteraction):
    """The matter was offered to an agent."""

    type = "interaction.offered"
    offer_id: OfferId
    agent_id: AgentId
    decision_id: DecisionId
    expires_at: datetime


class Accepted(_OfInteraction):
    """An agent took the matter."""

    type = "interaction.accepted"
    offer_id: OfferId
    agent_id: AgentId
    waited_seconds: float


class Requeued(_OfInteraction):
    """The matter went back to its queue with its age kept."""

    type = "interaction.requeued"
    cause: Literal["declined", "timed_out", "presence_lost", "agent_deactivated", "customer_wrote"]
    agent_id: AgentId


class CustomerLinked(_OfInteraction):
    """It is known whose matter this is, or whose it may be."""

    type = "interaction.customer_linked"
    customer_id: CustomerId
    identity: Identity


class IdentityVerified(_OfInteraction):
    """The person is who they say."""

    type = "interaction.identity_verified"
    customer_id: CustomerId
    visitor_id: VisitorId | None
    identifier_type: str | None
    # The profile's id of what was checked; null if it was not one certain identifier, or the profile was away.
    identifier_id: IdentifierId | None
    method: Literal["agent_check", "dkim", "code"]


class MessageReceived(_OfInteraction):
    """The customer wrote."""

    type = "interaction.message_received"
    message_id: MessageId
    channel: Channel


class MessageSent(_OfInteraction):
    """An agent's answer left the house, or reached the visitor's line."""

    type = "interaction.message_sent"
    message_id: MessageId
    channel: Channel


class MessageFailed(_OfInteraction):
    """An agent's answer did not leave, and is not tried again by itself."""

    type = "interaction.message_failed"
    message_id: MessageId
    channel: Channel


class MessageBounced(_OfInteraction):
    """An agent's answer left and came back. `status` is the code of RFC 3463, where the report names one."""

    type = "interaction.message_bounced"
    message_id: MessageId
    channel: Channel
    status: str | None


class Held(_OfInteraction):
    """The agent put the conversation aside for a moment; it stays hers."""

    type = "interaction.held"
    agent_id: AgentId
    cause: Literal["put_on_hold"]


class WrapUpStarted(_OfInteraction):
    """The conversation is over; the agent finishes the work on it."""

    type = "interaction.wrap_up_started"
    agent_id: AgentId
    cause: Literal["agent_finished", "customer_ended"]


class Resumed(_OfInteraction):
    """The conversation goes on after it was on hold or seemed over."""

    type = "interaction.resumed"
    agent_id: AgentId
    cause: Literal["resumed", "customer_wrote", "taken_off_hold"]


class Closed(_OfInteraction):
    """The matter was dealt with."""

    type = "interaction.closed"
    customer_id: CustomerId | None
    visitor_id: VisitorId | None
    identity: Identity
    channel: Channel
    queue_id: QueueId
    agent_id: AgentId
    disposition: str
    # Who closed it in her place, because she had left it lying after the time for it; null if she did.
    closed_by: AgentId | None = None
    opened_at: datetime
    closed_at: datetime
    handle_seconds: float


class Abandoned(_OfInteraction):
    """The customer left before an agent took the matter."""

    type = "interaction.abandoned"
    customer_id: CustomerId | None
    visitor_id: VisitorId | None
    identity: Identity
    channel: Channel
    queue_id: QueueId
    opened_at: datetime
    abandoned_at: datetime
    waited_seconds: float


class PresenceChanged(EventPayload):
    """An agent came, went, or does something else."""

    type = "agent.presence_changed"
    aggregate_type = "agent"
    agent_id: AgentId
    status: Literal["available", "busy", "break", "away", "offline"]
    not_responding: bool
    cause: Literal["chosen", "missed_offer", "presence_lost", "deactivated"]


CATALOGUE = EventCatalogue(
    "router",
    [
        Opened,
        Offered,
        Accepted,
        Requeued,
        CustomerLinked,
        IdentityVerified,
        MessageReceived,
        MessageSent,
        MessageFailed,
        MessageBounced,
        Held,
        WrapUpStarted,
        Resumed,
        Closed,
        Abandoned,
        PresenceChanged,
        *deliveries.PAYLOADS,
    ],
)
