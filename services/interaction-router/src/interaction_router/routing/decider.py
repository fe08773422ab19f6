"""The decider: one process at a time feeds the decision and carries it out.

Who decides is settled by a fenced lease; a killed decider is followed after at most its time to live. It is woken
by a hint after a commit in the same process and otherwise looks every 50 ms whether there is a signal.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from uuid import UUID

import asyncpg
import structlog
from prometheus_client import Counter, Histogram

from careline.crash import crash_point
from careline.ids import new_id
from careline.leases import Lease, LeaseLostError
from interaction_router.handover import release_quietly
from interaction_router.interactions.schemas import OfferReason
from interaction_router.offers import service as offers
from interaction_router.offers.repository import NewOffer
from interaction_router.routing import repository
from interaction_router.routing.decision import decide
from interaction_router.routing.memory import Memory
from interaction_router.routing.model import Decision, Offer, QueueRule, Situation, Work
from interaction_router.unit import Unit, Units

LEASE_SECONDS = 3.0
RENEW_SECONDS = 0.75
SEEK_SECONDS = 0.3
POLL_SECONDS = 0.05
# Time alone can change an answer (a refusal lapses), so waiting work is looked at again now and then.
SWEEP_SECONDS = 5.0
# An offer that met a busy row is tried again after this.
RETRY_SECONDS = 0.02

DECISION_SECONDS = Histogram(
    "router_decision_seconds",
    "One decision with reading and carrying out.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
)
OFFERS = Counter("router_offers_total", "Offers made.")

_log = structlog.get_logger("router.decider")


@dataclass
class Decider:
    """Decides for the whole pool while it holds the lease."""

    units: Units
    lease: Lease
    refusal_lapses_seconds: int
    memory: Memory = field(default_factory=Memory)

    async def run(self) -> None:
        """Seek the lease, decide while it is ours, seek again."""
        while True:
            if await self.lease.acquire():
                _log.info("decider.began", token=self.lease.token)
                try:
                    await self._decide_while_held()
                finally:
                    await release_quietly(self.lease)
            await asyncio.sleep(SEEK_SECONDS)

    async def _decide_while_held(self) -> None:
        loop = asyncio.get_running_loop()
        renewed = loop.time()
        swept = float("-inf")
        while True:
            hinted = await self.units.routing.wait(POLL_SECONDS)
            now = loop.time()
            if now - renewed > RENEW_SECONDS:
                if not await self.lease.acquire():
                    return
                renewed = now
            if hinted or now - swept > SWEEP_SECONDS or await self._signalled():
                swept = now
                try:
                    await self.decide_once()
                except LeaseLostError:
                    return
                except (asyncpg.CheckViolationError, asyncpg.DeadlockDetectedError) as fault:
                    # The world moved between reading and claiming; the database refused. Look again.
                    _log.info("decision.refused", reason=type(fault).__name__)
                    await asyncio.sleep(RETRY_SECONDS)
                    self.units.routing.set()

    async def _signalled(self) -> bool:
        async with self.units.database.read_raw() as connection:
            return await repository.signalled(connection)

    async def decide_once(self) -> Decision:
        """One decision, carried out in one transaction that the lease fences."""
        started = perf_counter()
        async with self.units.begin() as unit:
            await self.lease.check(unit.connection)
            situation, said = await repository.read_situation(
                unit.connection, self.memory, unit.now, self.refusal_lapses_seconds
            )
            decision = decide(situation, verdicts=False)
            await self._carry_out(unit, situation, decision, said)
            crash_point("decider.before_commit")
        crash_point("decider.after_commit")
        if situation.waiting:
            DECISION_SECONDS.observe(perf_counter() - started)
        return decision

    async def _carry_out(
        self, unit: Unit, situation: Situation, decision: Decision, said: dict[str, str | None]
    ) -> None:
        news = [each for each in decision.waiting if said.get(each.work_id) != each.reason]
        if not decision.offers and not news:
            return
        decision_id = new_id()
        subjects = {each.work_id for each in decision.offers} | {each.work_id for each in news}
        await repository.keep_decision(
            unit.connection, self.memory, decision_id, situation, _only(decision, subjects), subjects
        )
        if news:
            reasons = [(UUID(each.work_id), each.reason.value) for each in news]
            if await repository.set_waiting_reasons(unit.connection, reasons) < len(reasons):
                await repository.signal(unit.connection)
        if decision.offers:
            await self._make_offers(unit, situation, decision.offers, decision_id)

    async def _make_offers(
        self, unit: Unit, situation: Situation, decided: tuple[Offer, ...], decision_id: UUID
    ) -> None:
        facts = {work.id: work for work in situation.waiting}
        rules = {rule.id: rule for rule in situation.queues}
        wanted = [_new_offer(unit, each, facts[each.work_id], rules[facts[each.work_id].queue_id]) for each in decided]
        made = await offers.make(unit, wanted, decision_id)
        OFFERS.inc(made)
        if made < len(wanted):
            await repository.signal(unit.connection)


def _new_offer(unit: Unit, offer: Offer, work: Work, rule: QueueRule) -> NewOffer:
    return NewOffer(
        id=new_id(),
        interaction_id=UUID(work.id),
        agent_id=UUID(offer.agent_id),
        capacity_channel=work.channel,
        expires_at=unit.now + timedelta(seconds=offer.timeout_seconds),
        why=OfferReason(
            skills=[each.skill for each in rule.required_skills],
            waited_seconds=(unit.now - work.waiting_since).total_seconds(),
            because=offer.because.value,
        ),
    )


def _only(decision: Decision, subjects: Collection[str]) -> Decision:
    """Leave out those who wait for the same reason as before: their reasons are recorded already."""
    waiting = tuple(each for each in decision.waiting if each.work_id in subjects)
    return Decision(decision.offers, waiting)
