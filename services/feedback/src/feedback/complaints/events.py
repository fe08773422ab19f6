"""What happens to complaints, as others hear of it: ids, dates and listed facts, never what anybody wrote."""

from datetime import datetime
from typing import ClassVar, Final, Literal

from careline.events import EventPayload
from feedback.complaints.states import Cause, Deadline, Decision, Kind, Severity, Source, Word
from feedback.ids import ComplaintId, CustomerId, DepartmentId, HandoverId, InteractionId, InvitationId, PersonId

OwnerCause = Literal["handover", "leaving", "reassigned"]


class OfComplaint(EventPayload):
    """What every event of a complaint tells."""

    aggregate_type: ClassVar[str] = "complaint"

    complaint_id: ComplaintId
    customer_id: CustomerId | None


class ComplaintOpened(OfComplaint):
    """Somebody complains; from now on somebody owns it and something is due."""

    type: ClassVar[str] = "complaint.opened"

    interaction_id: InteractionId | None
    invitation_id: InvitationId | None
    kind: Kind
    severity: Severity
    source: Source
    owner_id: PersonId
    department_id: DepartmentId
    acknowledge_by: datetime
    resolve_by: datetime


class ComplaintCustomerLinked(OfComplaint):
    """It is known now whose complaint it is."""

    type: ClassVar[str] = "complaint.customer_linked"


class ComplaintAcknowledged(OfComplaint):
    """The customer knows that we know."""

    type: ClassVar[str] = "complaint.acknowledged"


class ComplaintHandoverOffered(OfComplaint):
    """The owner offers it to another department, and stays its owner."""

    type: ClassVar[str] = "complaint.handover_offered"

    handover_id: HandoverId
    from_person_id: PersonId
    to_department_id: DepartmentId
    to_person_id: PersonId | None
    answer_by: datetime


class ComplaintHandoverAccepted(OfComplaint):
    """It has another owner, who said yes."""

    type: ClassVar[str] = "complaint.handover_accepted"

    handover_id: HandoverId
    owner_id: PersonId
    department_id: DepartmentId


class ComplaintHandoverBounced(OfComplaint):
    """The offer came back with a reason; the owner is who it was."""

    type: ClassVar[str] = "complaint.handover_bounced"

    handover_id: HandoverId
    owner_id: PersonId


class ComplaintHandoverWithdrawn(OfComplaint):
    """The offer is no more."""

    type: ClassVar[str] = "complaint.handover_withdrawn"

    handover_id: HandoverId
    owner_id: PersonId


class ComplaintWarned(OfComplaint):
    """A deadline comes near."""

    type: ClassVar[str] = "complaint.warned"

    deadline: Deadline
    owner_id: PersonId
    due_at: datetime


class ComplaintOverdue(OfComplaint):
    """A deadline has passed; `due_at` is the moment it did, whenever that was noticed."""

    type: ClassVar[str] = "complaint.overdue"

    deadline: Deadline
    owner_id: PersonId
    due_at: datetime


class ComplaintEscalated(OfComplaint):
    """Somebody above must look: level 1 is the head of the department, level 2 the supervisors."""

    type: ClassVar[str] = "complaint.escalated"

    level: Literal[1, 2]
    cause: Literal["overdue", "handover_circle"]
    deadline: Deadline | None
    owner_id: PersonId
    to_person_id: PersonId | None
    due_at: datetime


class ComplaintAnswered(OfComplaint):
    """The company has decided and written to the customer, whose word is due by `word_by`."""

    type: ClassVar[str] = "complaint.answered"

    decision: Decision
    word_by: datetime


class ComplaintCustomerWord(OfComplaint):
    """The customer has said whether it is solved, or did not answer however often we asked."""

    type: ClassVar[str] = "complaint.customer_word"

    word: Word


class ComplaintClosed(OfComplaint):
    """It is over, with cause, decision and the customer's word."""

    type: ClassVar[str] = "complaint.closed"

    interaction_id: InteractionId | None
    kind: Kind
    cause_code: Cause
    decision: Decision
    word: Word
    reopened_count: int


class ComplaintReopened(OfComplaint):
    """It was not solved after all; the clock goes on where it stood when we answered."""

    type: ClassVar[str] = "complaint.reopened"

    owner_id: PersonId
    resolve_by: datetime
    reopened_count: int


class ComplaintOwnerChanged(OfComplaint):
    """Somebody else answers for it."""

    type: ClassVar[str] = "complaint.owner_changed"

    owner_id: PersonId
    department_id: DepartmentId
    cause: OwnerCause


class LeavingAcknowledged(EventPayload):
    """Everything that a leaver held here has another holder."""

    type: ClassVar[str] = "leaving.acknowledged"
    aggregate_type: ClassVar[str] = "leaving"

    leaving_id: str
    person_id: PersonId
    service: Literal["feedback"]
    moved: dict[str, int]


EVENTS: Final[list[type[EventPayload]]] = [
    ComplaintOpened,
    ComplaintCustomerLinked,
    ComplaintAcknowledged,
    ComplaintHandoverOffered,
    ComplaintHandoverAccepted,
    ComplaintHandoverBounced,
    ComplaintHandoverWithdrawn,
    ComplaintWarned,
    ComplaintOverdue,
    ComplaintEscalated,
    ComplaintAnswered,
    ComplaintCustomerWord,
    ComplaintClosed,
    ComplaintReopened,
    ComplaintOwnerChanged,
    LeavingAcknowledged,
]
