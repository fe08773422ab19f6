"""Decisions as seen from outside: why this agent, and why not the others."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from interaction_router.ids import AgentId, DecisionId
from interaction_router.interactions.schemas import AgentRef
from interaction_router.routing.model import Because, Facts, WaitingReason


class Verdict(BaseModel):
    """What the decision said about one agent."""

    agent: AgentId
    name: str | None
    verdict: Literal["chosen", "passed_over"]
    because: Because
    facts: Facts


class DecisionRecord(BaseModel):
    """One decision about one interaction; `replayed` says that the same inputs give the same answer today."""

    id: DecisionId
    decided_at: datetime
    outcome: Literal["offered", "waiting"]
    chosen_agent: AgentRef | None
    waiting_reason: WaitingReason | None
    reasons: list[Verdict]
    replayed: bool
