"""Complaints as they come in and as they are shown."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from feedback.complaints.states import Cause, Deadline, Decision, Kind, Severity, Source, State, Word
from feedback.ids import ComplaintId, CustomerId, DepartmentId, HandoverId, InteractionId, InvitationId, PersonId
from feedback.inputs import Input, Line, Output, Text

View = Literal["all", "mine", "department", "offered", "given", "overdue", "escalated"]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
LARGEST_AMOUNT = 10**12


class ComplaintInput(Input):
    """What an agent records, two clicks from a conversation; what there is no time for can follow as a note."""

    kind: Kind
    severity: Severity = Severity.MINOR
    interaction_id: InteractionId | None = None
    customer_id: CustomerId | None = None
    contact: Line | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _somebody_complains(self) -> "ComplaintInput":
        if self.interaction_id is None and self.customer_id is None and self.contact is None:
            raise ValueError("name the interaction, the customer, or how the complainant can be reached")
        return self


class WebComplaintInput(Input):
    """What a customer types into the form."""

    kind: Kind
    contact: Line
    text: Text


class PartnerComplaintInput(Input):
    """What a partner passes on; `reference` is the partner's own number of it."""

    kind: Kind
    severity: Severity = Severity.MINOR
    customer_id: CustomerId | None = None
    contact: Line | None = None
    reference: Line | None = None
    text: Text

    @model_validator(mode="after")
    def _somebody_complains(self) -> "PartnerComplaintInput":
        if self.customer_id is None and self.contact is None:
            raise ValueError("name the customer, or how the complainant can be reached")
        return self


class Receipt(Output):
    """What a complainant gets at once: the number to ask by, and until when we answer."""

    number: str
    received_at: datetime
    resolve_by: datetime


class PartnerReceipt(Receipt):
    """What a partner gets."""

    id: ComplaintId
    state: State


class Redress(Input):
    """What the customer gets; amounts in the smallest unit of the currency."""

    type: Literal["apology", "replacement", "repair", "refund", "discount", "voucher", "other"]
    amount_minor: Annotated[int, Field(ge=1, le=LARGEST_AMOUNT, strict=True)] | None = None
    currency: Currency | None = None

    @model_validator(mode="after")
    def _an_amount_has_a_currency(self) -> "Redress":
        if (self.amount_minor is None) != (self.currency is None):
            raise ValueError("an amount needs a currency, and a currency an amount")
        return self


class NoteInput(Input):
    """Something worth remembering; colleagues read it, the customer does not."""

    text: Text


class AcknowledgementInput(Input):
    """How the customer was told that we know of the complaint, when it was not by the mail that goes out by itself."""

    by: Literal["phone", "mail", "letter", "in_person"]


class CauseInput(Input):
    """Why it came to this."""

    code: Cause
    note: Text | None = None


class DecisionInput(Input):
    """Whether the complaint is right, and what the customer gets."""

    decision: Decision
    redress: Redress | None = None


class ReplyInput(Input):
    """What the customer is told."""

    text: Text


class WordInput(Input):
    """What the customer said, as heard on the phone or read in a mail.

    `no_answer_after_attempts` needs `attempts`, two at least. `not_accepted` opens the complaint again; once it had
    been opened again before, a supervisor may say that our last answer is `final`.
    """

    word: Word
    attempts: Annotated[int, Field(ge=1, le=20, strict=True)] | None = None
    final: bool = False
    note: Text | None = None


class ReopeningInput(Input):
    """Why it is not solved after all."""

    reason: Text


class OwnerInput(Input):
    """Who is to own it; a supervisor's decision, without asking."""

    owner_id: PersonId
    reason: Text


class CustomerLinkInput(Input):
    """Whose complaint it is, as somebody found out."""

    customer_id: CustomerId


class Alarm(Output):
    """When somebody is told of a deadline."""

    level: Literal["warning", "overdue", "escalation_to_head", "escalation_to_supervisors"]
    due_at: datetime
    fired_at: datetime | None


class DueDate(Output):
    """A deadline and why it is when it is."""

    deadline: Deadline
    by: datetime
    met_at: datetime | None
    overdue: bool
    promised_seconds: int
    alarms: list[Alarm]


class Promised(Output):
    """What the deadlines were reckoned from; pinned when the complaint was recorded."""

    standard_id: str | None
    calendar_key: str
    calendar_version: int
    calendar_known: bool


class HistoryEntry(Output):
    """One thing that happened."""

    sequence: int
    happened_at: datetime
    action: str
    actor: str
    facts: dict[str, Any]
    text: str | None
    hash: str


class OfferSummary(Output):
    """An offer of hand-over."""

    id: HandoverId
    from_person_id: PersonId
    from_department_id: DepartmentId
    to_department_id: DepartmentId
    to_person_id: PersonId | None
    note: str
    state: Literal["open", "accepted", "bounced", "withdrawn"]
    offered_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    answered_by: PersonId | None
    bounce_reason: str | None


class ComplaintSummary(Output):
    """A complaint in a list."""

    id: ComplaintId
    number: str
    state: State
    kind: Kind
    severity: Severity
    source: Source
    customer_id: CustomerId | None
    interaction_id: InteractionId | None
    owner_id: PersonId
    department_id: DepartmentId
    received_at: datetime
    next_deadline_at: datetime | None
    overdue: bool
    escalation_level: int
    offered_to_department_id: DepartmentId | None


class Complaint(ComplaintSummary):
    """A complaint with all that is known of it."""

    version: int
    invitation_id: InvitationId | None
    reference: str | None
    tier: str | None
    contact: str | None
    contact_masked: bool
    text: str
    recorded_by: str
    giver_id: PersonId | None
    promised: Promised
    due_dates: list[DueDate]
    acknowledged_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    reopened_count: int
    cause_code: Cause | None
    decision: Decision | None
    redress: Redress | None
    reply_text: str | None
    customer_word: Word | None
    word_attempts: int
    offers: list[OfferSummary]
    history: list[HistoryEntry]
    history_intact: bool
    may_act: bool
    may_answer_offer: bool


class ComplaintPage(Output):
    """Complaints, the next due first, and where the next page begins."""

    items: list[ComplaintSummary]
    next: str | None
