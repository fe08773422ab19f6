"""Care items as they go out: what was planned, what became of it, and why, or why not."""

from datetime import datetime
from typing import Any, Literal

from care_scheduler.events import Purpose
from care_scheduler.ids import CareId, CustomerId
from care_scheduler.inputs import Output

State = Literal["planned", "held", "due", "sent", "unknown", "failed", "done", "cancelled", "suppressed", "expired"]


class CareItem(Output):
    """A care item. `gate` is the one that refused, if one did."""

    id: CareId
    customer_id: CustomerId
    occasion: str
    occasion_key: str
    purpose: Purpose
    reference: str | None
    due_at: datetime
    not_after: datetime
    state: State
    means: str | None
    cell: str | None
    gate: str | None
    outcome: str | None
    judged_at: datetime | None


class GateVerdict(Output):
    """What one gate said, and by which facts."""

    gate: str
    verdict: Literal["pass", "hold", "no"]
    reason: str
    facts: dict[str, Any]


class JudgementOutput(Output):
    """One judgement: when planned too late, when due, or when to be sent. All gates are shown; the first no decides."""

    at: datetime
    when: Literal["planned", "judged", "sending"]
    outcome: str
    gates: list[GateVerdict]


class CareItemWithWhy(CareItem):
    """A care item with every judgement: why, or why not."""

    judgements: list[JudgementOutput]


class SuppressedBy(Output):
    """How much care one gate refused."""

    gate: str
    number: int


class Today(Output):
    """Care of the company's business day, for the wall board."""

    day: str
    planned: int
    held: int
    due: int
    sent: int
    done: int
    unknown: int
    failed: int
    cancelled: int
    expired: int
    suppressed: int
    suppressed_by: list[SuppressedBy]
