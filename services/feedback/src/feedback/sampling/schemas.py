"""Policies and samples as they go in and out."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StrictFloat, StrictInt, StringConstraints, model_validator

from feedback.ids import ComplaintId, CustomerId, InteractionId, InvitationId, SampleId
from feedback.inputs import Input, Output, Slug
from feedback.invitations.events import Reason
from feedback.sampling.drawing import ANY, Decision

MAX_RATES = 200
MAX_WITHIN_HOURS = 72
MAX_PAUSE_DAYS = 3650

Stratum = Annotated[str, StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,39}|\*)$")]
Seed = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]


class OccasionRule(Input):
    """What is asked after one kind of closing: from `wait_hours` to `within_hours` after it, at most three days."""

    reason: Reason
    survey: Slug
    wait_hours: Annotated[StrictInt, Field(ge=0, lt=MAX_WITHIN_HOURS)]
    within_hours: Annotated[StrictInt, Field(ge=1, le=MAX_WITHIN_HOURS)]

    @model_validator(mode="after")
    def _has_time(self) -> Self:
        if self.wait_hours >= self.within_hours:
            raise ValueError("wait_hours must be less than within_hours")
        return self


class RateRule(Input):
    """The share of a stratum that is asked; `*` is any channel or any tier."""

    channel: Stratum
    tier: Stratum
    rate: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)]


class PolicyInput(Input):
    """The rules of asking. Without a seed the one before is kept."""

    seed: Seed | None = None
    pause_days: Annotated[StrictInt, Field(ge=0, le=MAX_PAUSE_DAYS)]
    excluded_dispositions: Annotated[list[Slug], Field(max_length=100)]
    reasons: Annotated[list[OccasionRule], Field(max_length=3)]
    rates: Annotated[list[RateRule], Field(min_length=1, max_length=MAX_RATES)]

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        strata = [(rule.channel, rule.tier) for rule in self.rates]
        reasons = [rule.reason for rule in self.reasons]
        if len(set(strata)) < len(strata) or len(set(reasons)) < len(reasons):
            raise ValueError("each stratum and each reason can be named once")
        if (ANY, ANY) not in strata:
            raise ValueError("one rate must be for channel * and tier *, so that every closing has one")
        return self


class SamplingPolicy(Output):
    """One version of the rules of asking. Every decision names the version that it was made under."""

    version: int
    seed: str
    pause_days: int
    excluded_dispositions: list[str]
    reasons: list[OccasionRule]
    rates: list[RateRule]
    created_at: datetime
    created_by: str | None


class Sample(Output):
    """What was decided about one closing. Without a decision it waits for the profile's word on the customer."""

    id: SampleId
    reason: Reason
    subject: str
    interaction_id: InteractionId | None
    complaint_id: ComplaintId | None
    customer_id: CustomerId | None
    channel: str
    tier: str | None
    closed_at: datetime
    policy_version: int | None
    rate: float | None
    draw: float | None
    decision: Decision | None
    decided_at: datetime | None
    invitation_id: InvitationId | None


class Replay(Output):
    """The decision taken anew from what was recorded."""

    draw: float
    rate: float
    would_be_drawn: bool
    agrees: bool


class SampleWithReplay(Sample):
    """A sample and its replay; null where nothing was drawn."""

    replay: Replay | None
