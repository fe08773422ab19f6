"""The decision: a situation in, offers and reasons out. No clock, no database, no network.

Work is taken by priority, then by age. Work that nobody can take is passed by, so the head of the line
never blocks those behind it. The last agent is preferred, else the agent who has been idle longest; ties
are broken by id, so that the same situation always has the same answer.
"""

from collections import defaultdict

from interaction_router.routing.eligibility import Kind, passed_over, refusal_in_force, refused
from interaction_router.routing.model import (
    Agent,
    Because,
    Decision,
    Offer,
    QueueRule,
    Reason,
    Situation,
    Waiting,
    WaitingReason,
    Work,
)
from interaction_router.routing.pool import Load, Pool


def decide(situation: Situation, *, verdicts: bool = True) -> Decision:
    """Match waiting work to agents; without `verdicts` the same answer, but not what was said of each agent."""
    matcher = _Matcher(situation, verdicts=verdicts)
    rules = matcher.rules
    order = sorted(
        situation.waiting,
        key=lambda work: (
            -rules[work.queue_id].priority if work.queue_id in rules else 0,
            work.waiting_since,
            work.id,
        ),
    )
    outcomes = [matcher.match(work) for work in order]
    return Decision(
        offers=tuple(each for each in outcomes if isinstance(each, Offer)),
        waiting=tuple(each for each in outcomes if isinstance(each, Waiting)),
    )


class _Matcher:
    def __init__(self, situation: Situation, *, verdicts: bool) -> None:
        self.situation = situation
        self.verdicts = verdicts
        self.rules = {rule.id: rule for rule in situation.queues}
        self.load = Load()
        self._pools: dict[Kind, Pool] = {}
        self._stuck: dict[Kind, tuple[WaitingReason, tuple[Reason, ...]]] = {}
        self._holders: dict[str, dict[str, Agent]] = defaultdict(dict)
        for agent in situation.agents:
            for skill in agent.skills:
                self._holders[skill.skill][agent.id] = agent

    def match(self, work: Work) -> Offer | Waiting:
        rule = self.rules.get(work.queue_id)
        if rule is None:
            return Waiting(work.id, WaitingReason.UNKNOWN_QUEUE, ())
        kind = Kind(work.queue_id, work.channel, work.language)
        if kind in self._stuck:
            reason, reasons = self._stuck[kind]
            return Waiting(work.id, reason, reasons)
        pool = self._pool(kind, rule)
        chosen = self._last_agent(work, pool) or self._longest_idle(work, pool)
        if chosen is None:
            return self._wait(work, pool)
        agent, because = chosen
        said: tuple[Reason, ...] = ()
        if self.verdicts:
            said = (_chosen(agent, because, work), *self._others(work, pool, agent, because), *pool.fixed)
        self.load.add(agent.id, work.channel)
        return Offer(work.id, agent.id, rule.offer_timeout_seconds, because, said)

    def _pool(self, kind: Kind, rule: QueueRule) -> Pool:
        if kind not in self._pools:
            able, unable = self._split(rule)
            self._pools[kind] = Pool(kind, rule, able, unable, self.load)
        return self._pools[kind]

    def _split(self, rule: QueueRule) -> tuple[list[Agent], list[Agent]]:
        """The holders of the rarest required skill are the only ones worth a closer look."""
        agents = self.situation.agents
        if not rule.required_skills:
            return list(agents), []
        rarest = min((self._holders.get(each.skill, {}) for each in rule.required_skills), key=len)
        unable = [agent for agent in agents if agent.id not in rarest] if self.verdicts else []
        return list(rarest.values()), unable

    def _last_agent(self, work: Work, pool: Pool) -> tuple[Agent, Because] | None:
        agent = pool.agents.get(work.last_agent_id or "")
        if agent is None or pool.full(agent) or refusal_in_force(work, agent, self.situation):
            return None
        return agent, Because.LAST_AGENT

    def _longest_idle(self, work: Work, pool: Pool) -> tuple[Agent, Because] | None:
        with pool.candidates() as agents:
            for agent in agents:
                if not refusal_in_force(work, agent, self.situation):
                    return agent, Because.LONGEST_IDLE
        return None

    def _wait(self, work: Work, pool: Pool) -> Waiting:
        reason = pool.waiting_reason()
        reasons = (*self._others(work, pool, None, None), *pool.fixed) if self.verdicts else ()
        if reason is not WaitingReason.ALL_REFUSED:
            # Nothing frees up within a decision, so the rest of this kind need not be looked at again.
            self._stuck[pool.kind] = (reason, reasons)
        return Waiting(work.id, reason, reasons)

    def _others(self, work: Work, pool: Pool, chosen: Agent | None, because: Because | None) -> list[Reason]:
        return [
            self._verdict(work, pool, agent, because)
            for agent in pool.agents.values()
            if chosen is None or agent.id != chosen.id
        ]

    def _verdict(self, work: Work, pool: Pool, agent: Agent, chosen_because: Because | None) -> Reason:
        full = pool.full(agent)
        if full is not None:
            return full
        refusal = refusal_in_force(work, agent, self.situation)
        if refusal is not None:
            return refused(refusal)
        if chosen_because is Because.LAST_AGENT:
            return passed_over(agent.id, Because.LAST_AGENT_PREFERRED)
        return passed_over(
            agent.id,
            Because.LESS_IDLE,
            idle_since=agent.idle_since.isoformat(),
            given_now=self.load.of_agent[agent.id],
        )


def _chosen(agent: Agent, because: Because, work: Work) -> Reason:
    facts = {"idle_since": agent.idle_since.isoformat(), "waiting_since": work.waiting_since.isoformat()}
    return Reason(agent.id, "chosen", because, {**facts})
