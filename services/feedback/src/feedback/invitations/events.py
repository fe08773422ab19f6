"""What is said on Kafka of invitations and their answers. Ids and scores; never a text, a name or a link."""

from datetime import datetime
from typing import ClassVar, Literal

from careline.events import EventPayload
from feedback.ids import ComplaintId, CustomerId, InteractionId, InvitationId

Reason = Literal["interaction", "visit", "complaint"]
AnswerChannel = Literal["link", "mail", "phone"]


class _OfInvitation(EventPayload):
    """Keyed by the invitation, `inv_…`."""

    aggregate_type: ClassVar[str] = "survey"

    invitation_id: InvitationId
    customer_id: CustomerId


class Invited(_OfInvitation):
    """A customer was drawn to be asked. Whether and when that is allowed is for care to judge."""

    type = "survey.invited"
    survey: str
    survey_version: int
    reason: Reason
    channels: list[Literal["mail", "phone"]]
    interaction_id: InteractionId | None
    complaint_id: ComplaintId | None
    not_before: datetime
    not_after: datetime


class Answered(_OfInvitation):
    """A customer answered, once for ever. A scale that was skipped has no score; zero is one."""

    type = "feedback.answered"
    survey: str
    survey_version: int
    interaction_id: InteractionId | None
    complaint_id: ComplaintId | None
    scores: dict[Literal["nps", "csat", "ces"], int]
    channel: AnswerChannel
    low: bool


EVENTS: list[type[EventPayload]] = [Invited, Answered]
