"""The decider: one process at a time feeds the decision and carries it out.

Who decides is settled by a fenced lease; a killed decider is followed after at most its time to live. It is woken
by a hint after a commit in the same process and otherwise looks every 50 ms whether there is a signal.
"""

import asyncio
from dataclasses import dataclass
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
from interaction_router.offers.service import NewOffer
from interaction_router.routing import repository
from interaction_router.routing.decision import decide
from interaction_router.routing.model import Decision, Offer, Situation
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
            await repository.take_signals(unit.connection)
            situation, said = await repository.read_situation(unit.connection, unit.now, self.refusal_lapses_seconds)
            decision = decide(situation)
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
        subjects = [each.work_id for each in decision.offers] + [each.work_id for each in news]
        await repository.keep_decision(
            unit.connection, decision_id, situation, _only(decision, set(subjects)), [UUID(s) for s in subjects]
        )
        if news:
            await repository.set_waiting_reasons(
                unit.connection, [(UUID(each.work_id), each.reason.value) for each in news]
            )
        await self._make_offers(unit, situation, decision.offers, decision_id)

    async def _make_offers(
        self, unit: Unit, situation: Situation, decided: tuple[Offer, ...], decision_id: UUID
    ) -> None:
        locked = await repository.lock_waiting(unit.connection, [UUID(offer.work_id) for offer in decided])
        facts = {work.id: work for work in situation.waiting}
        skills = {rule.id: [each.skill for each in rule.required_skills] for rule in situation.queues}
        for offer in sorted(decided, key=lambda each: (each.agent_id, each.work_id)):
            row = locked.get(UUID(offer.work_id))
            work = facts[offer.work_id]
            new = NewOffer(
                interaction_id=UUID(offer.work_id),
                agent_id=UUID(offer.agent_id),
                decision_id=decision_id,
                timeout_seconds=offer.timeout_seconds,
                why=OfferReason(
                    skills=skills[work.queue_id],
                    waited_seconds=(situation.now - work.waiting_since).total_seconds(),
                    because=offer.because.value,
                ),
            )
            if row is None or not await offers.make(unit, row, new, work.channel):
                await repository.signal(unit.connection)
                continue
            OFFERS.inc()


def _only(decision: Decision, subjects: set[str]) -> Decision:
    """Leave out those who wait for the same reason as before: their reasons are recorded already."""
    waiting = tuple(each for each in decision.waiting if each.work_id in subjects)
    return Decision(decision.offers, waiting)
