"""What a supervisor sees."""

from datetime import datetime

from pydantic import BaseModel

from interaction_router.agents.schemas import Capacity, Skill, Status
from interaction_router.events import Channel
from interaction_router.ids import AgentId, InteractionId, QuarantineId, QueueId
from interaction_router.interactions.schemas import AgentRef, QueueRef


class QueueState(BaseModel):
    """A queue now."""

    id: QueueId
    name: str
    waiting: int
    longest_wait_seconds: float
    oldest_waiting_reason: str | None
    agents_available: int
    agents_with_skill: int


class AgentState(BaseModel):
    """An agent now."""

    id: AgentId
    name: str
    status: Status
    not_responding: bool
    since: datetime
    active: int
    capacity: Capacity
    skills: list[Skill]


class AgentCounts(BaseModel):
    """What those who are here do; each agent once. Whoever did not respond to an offer counts as away."""

    available: int
    busy: int
    wrap_up: int
    away: int


class WallBoardTotals(BaseModel):
    """The first row of the wall board. Work that is on offer waits too."""

    waiting: int
    longest_wait_seconds: float
    agents: AgentCounts


class ServiceLevel(BaseModel):
    """`share` of `of` by the board's formula; null while there is nothing to judge, or no target."""

    share: float | None
    answered_in_target: int
    of: int


class WallBoardQueue(BaseModel):
    """One queue: now, and of those who came today."""

    id: QueueId
    key: str
    name: str
    waiting: int
    longest_wait_seconds: float
    answer_target_seconds: int | None
    service_level_now: ServiceLevel
    service_level_today: ServiceLevel
    offered: int
    answered: int
    abandoned: int
    average_speed_of_answer_seconds: float | None


class WallBoardInterval(BaseModel):
    """A quarter of an hour: who came in it, and how many of them were answered or left since."""

    begins_at: datetime
    offered: int
    answered: int
    abandoned: int


class WallBoard(BaseModel):
    """The wall board. All counts go by when the customer came; the last four hours end with the running interval."""

    as_of: datetime
    day_began_at: datetime
    now_began_at: datetime
    service_level_formula: str
    totals: WallBoardTotals
    queues: list[WallBoardQueue]
    intervals: list[WallBoardInterval]


class SupervisionSnapshot(BaseModel):
    """Everything now."""

    as_of: datetime
    totals: WallBoardTotals
    queues: list[QueueState]
    agents: list[AgentState]
    # Wrap-ups whose time is over.
    unfinished: int
    quarantined: int


class WaitingWork(BaseModel):
    """One interaction that waits, and why."""

    interaction_id: InteractionId
    channel: Channel
    queue: QueueRef
    subject: str
    waiting_since: datetime
    reason: str | None


class UnfinishedWork(BaseModel):
    """A conversation that is over, and whose agent has not said what came of it in the time for that."""

    interaction_id: InteractionId
    channel: Channel
    queue: QueueRef
    agent: AgentRef
    subject: str
    wrap_up_until: datetime


class QuarantinedMail(BaseModel):
    """A mail that could not be shown to an agent."""

    id: QuarantineId
    sender: str
    subject: str
    reason: str
    size: int
    received_at: datetime
