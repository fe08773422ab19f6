"""What a supervisor sees."""

from datetime import datetime

from pydantic import BaseModel

from interaction_router.agents.schemas import Capacity, Skill, Status
from interaction_router.events import Channel
from interaction_router.ids import AgentId, InteractionId, QuarantineId, QueueId
from interaction_router.interactions.schemas import QueueRef


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


class SupervisionSnapshot(BaseModel):
    """Everything now."""

    as_of: datetime
    queues: list[QueueState]
    agents: list[AgentState]
    quarantined: int


class WaitingWork(BaseModel):
    """One interaction that waits, and why."""

    interaction_id: InteractionId
    channel: Channel
    queue: QueueRef
    subject: str
    waiting_since: datetime
    reason: str | None


class QuarantinedMail(BaseModel):
    """A mail that could not be shown to an agent."""

    id: QuarantineId
    sender: str
    subject: str
    reason: str
    size: int
    received_at: datetime
