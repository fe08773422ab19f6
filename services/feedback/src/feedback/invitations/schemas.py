"""Invitations as they go out, to staff and to the customer's page."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from feedback.answers.schemas import Answered
from feedback.ids import ComplaintId, CustomerId, InteractionId, InvitationId, SampleId
from feedback.inputs import Input, Output, Text
from feedback.invitations.events import Reason
from feedback.surveys.schemas import Script

State = Literal["invited", "asked", "not_asked", "answered"]
# The final disposition groups of AAPOR's Standard Definitions: complete interview, partial interview, refusal or
# break-off, non-contact, other, unknown whether there is a household, unknown for another reason.
Disposition = Literal["I", "P", "R", "NC", "O", "UH", "UO"]


class Invitation(Output):
    """One customer asked once about one matter."""

    id: InvitationId
    sample_id: SampleId
    customer_id: CustomerId
    interaction_id: InteractionId | None
    complaint_id: ComplaintId | None
    reason: Reason
    survey: str
    survey_version: int
    channel: str
    tier: str
    language: str
    invited_at: datetime
    not_before: datetime
    not_after: datetime
    answer_until: datetime
    state: State
    not_asked_because: str | None


class Attempt(Output):
    """One try to ask on the phone."""

    number: int
    disposition: Disposition
    note: str | None
    attempted_by: str
    attempted_at: datetime


class AttemptInput(Input):
    """What came of a try to ask on the phone."""

    disposition: Disposition
    note: Text | None = None


class InvitationDetail(Invitation):
    """An invitation with what came of it."""

    attempts: list[Attempt]
    answer: Answered | None


class PhoneScript(Output):
    """What the agent asks, and what was tried before."""

    invitation_id: InvitationId
    customer_id: CustomerId
    language: str
    state: State
    answer_until: datetime
    attempts_left: Annotated[int, Field(ge=0)]
    attempts: list[Attempt]
    script: Script


class PublicInvitation(Output):
    """What the page of a link shows: the questions while it is open. It names nobody."""

    state: Literal["open", "answered", "over"]
    language: str
    script: Script | None
