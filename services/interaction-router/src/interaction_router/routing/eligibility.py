"""May this agent have this kind of work? The first rule that says no gives the reason."""

from dataclasses import dataclass
from datetime import timedelta

from interaction_router.routing.model import (
    Agent,
    Because,
    Facts,
    QueueRule,
    Reason,
    Refusal,
    Situation,
    Work,
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Work that asks the same of an agent; the pool of candidates is worked out once for each kind."""

    queue_id: str
    channel: str
    language: str | None


def base_language(tag: str) -> str:
    """zh-Hant-TW and zh-CN are both spoken by one who speaks zh."""
    return tag.split("-", 1)[0].lower()


def passed_over(agent_id: str, because: Because, **facts: str | float | bool | None) -> Reason:
    """The verdict of an agent who does not get the work."""
    return Reason(agent_id, "passed_over", because, dict(facts))


def lacks_skill(agent: Agent, rule: QueueRule, kind: Kind) -> Reason | None:
    """What the agent could not do at any time: skills, language, channel."""
    held = {each.skill: each.level for each in agent.skills}
    for needed in rule.required_skills:
        if held.get(needed.skill, 0) < needed.level:
            return passed_over(
                agent.id,
                Because.LACKS_SKILL,
                skill=needed.skill,
                needed_level=needed.level,
                level=held.get(needed.skill),
            )
    spoken = {base_language(each) for each in agent.languages}
    if kind.language and spoken and base_language(kind.language) not in spoken:
        return passed_over(agent.id, Because.LACKS_LANGUAGE, language=kind.language)
    if limit_of(agent, kind.channel) == 0:
        return passed_over(agent.id, Because.CHANNEL_NOT_TAKEN, channel=kind.channel)
    return None


def is_away(agent: Agent) -> Reason | None:
    """What keeps the agent from work for now."""
    if agent.presence != "available":
        return passed_over(
            agent.id, Because.NOT_AVAILABLE, presence=agent.presence, since=agent.presence_since.isoformat()
        )
    if agent.not_responding:
        return passed_over(agent.id, Because.NOT_RESPONDING, since=agent.presence_since.isoformat())
    return None


def is_full(agent: Agent, channel: str, given: int) -> Reason | None:
    """Capacity, with what this very decision has already given."""
    for each in agent.capacity:
        if each.channel == channel and each.used + given >= each.limit:
            return passed_over(agent.id, Because.AT_CAPACITY, channel=channel, used=each.used + given, limit=each.limit)
    return None


def limit_of(agent: Agent, channel: str) -> int:
    """How much of a channel the agent takes; a channel that is not named is not taken."""
    return next((each.limit for each in agent.capacity if each.channel == channel), 0)


def refusal_in_force(work: Work, agent: Agent, situation: Situation) -> Refusal | None:
    """A refusal holds for this wait, but not for ever: a lone agent's one miss would strand the work.

    A missed offer is forgiven when the agent sets her presence anew; any refusal lapses with time.
    """
    for refusal in reversed(work.refusals):
        if refusal.agent_id != agent.id:
            continue
        if refusal.kind == "missed" and agent.presence_since > refusal.refused_at:
            continue
        if refusal.refused_at + timedelta(seconds=situation.refusal_lapses_seconds) <= situation.now:
            continue
        return refusal
    return None


def refused(refusal: Refusal) -> Reason:
    """The verdict of an agent who did not want this work a moment ago."""
    because = Because.DECLINED if refusal.kind == "declined" else Because.MISSED
    facts: Facts = {"at": refusal.refused_at.isoformat()}
    return Reason(refusal.agent_id, "passed_over", because, facts)
