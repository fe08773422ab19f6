"""What the decision is made of. Every input and output survives JSON exactly, so that it can be replayed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter

Facts = dict[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """A skill asked for (at least this level) or held (this level); levels run from 1 to 5."""

    skill: str
    level: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """An agent who declined or missed the offer of a piece of work, and when."""

    agent_id: str
    refused_at: datetime
    kind: Literal["declined", "missed"]


@dataclass(frozen=True, slots=True)
class Work:
    """An interaction that waits. `waiting_since` is kept over requeues: age is never lost."""

    id: str
    queue_id: str
    channel: str
    language: str | None
    waiting_since: datetime
    last_agent_id: str | None = None
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelCapacity:
    """How many pieces of work of one channel an agent takes at a time, and has now."""

    channel: str
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent as the decision sees her. No language at all means that any language is taken."""

    id: str
    presence: str
    presence_since: datetime
    idle_since: datetime
    not_responding: bool
    skills: tuple[SkillLevel, ...]
    languages: tuple[str, ...]
    capacity: tuple[ChannelCapacity, ...]


@dataclass(frozen=True, slots=True)
class QueueRule:
    """What a queue asks of an agent; a higher priority goes first."""

    id: str
    required_skills: tuple[SkillLevel, ...]
    priority: int
    offer_timeout_seconds: int


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that a decision may look at, and nothing else."""

    now: datetime
    refusal_lapses_seconds: int
    queues: tuple[QueueRule, ...]
    agents: tuple[Agent, ...]
    waiting: tuple[Work, ...]


class Because(StrEnum):
    """Why an agent was chosen or passed over."""

    LONGEST_IDLE = "longest_idle"
    LAST_AGENT = "last_agent"
    LESS_IDLE = "less_idle"
    LAST_AGENT_PREFERRED = "last_agent_preferred"
    LACKS_SKILL = "lacks_skill"
    LACKS_LANGUAGE = "lacks_language"
    CHANNEL_NOT_TAKEN = "channel_not_taken"
    NOT_AVAILABLE = "not_available"
    NOT_RESPONDING = "not_responding"
    AT_CAPACITY = "at_capacity"
    DECLINED = "declined"
    MISSED = "missed"


class WaitingReason(StrEnum):
    """Why a piece of work waits, from the hardest obstacle to the one that time resolves."""

    UNKNOWN_QUEUE = "unknown_queue"
    NOBODY_HAS_SKILL = "nobody_has_skill"
    NOBODY_AVAILABLE = "nobody_available"
    ALL_AT_CAPACITY = "all_at_capacity"
    ALL_REFUSED = "all_refused"


@dataclass(frozen=True, slots=True)
class Reason:
    """One agent's verdict for one piece of work."""

    agent_id: str
    verdict: Literal["chosen", "passed_over"]
    because: Because
    facts: Facts


@dataclass(frozen=True, slots=True)
class Offer:
    """This work goes to this agent now."""

    work_id: str
    agent_id: str
    timeout_seconds: int
    because: Because
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """This work stays where it is, and why."""

    work_id: str
    reason: WaitingReason
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a situation: what is offered, and why the rest waits."""

    offers: tuple[Offer, ...]
    waiting: tuple[Waiting, ...]


situation_json: TypeAdapter[Situation] = TypeAdapter(Situation)
agents_json: TypeAdapter[tuple[Agent, ...]] = TypeAdapter(tuple[Agent, ...])
decision_json: TypeAdapter[Decision] = TypeAdapter(Decision)
