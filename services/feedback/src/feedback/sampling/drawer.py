"""Decides the samples that wait: asks the profile outside of any transaction, then decides in one."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from careline.app import Service
from careline.database import WriteConnection
from careline.ids import encode, new_id
from careline.wakeups import Wakeup
from feedback.invitations import repository as invitations
from feedback.invitations.events import Invited
from feedback.invitations.tokens import new_nonce
from feedback.sampling import customers, repository
from feedback.sampling.customers import Known, ProfileClient
from feedback.sampling.drawing import ANSWER_DAYS, UNKNOWN_TIER, Closing, Decision, Verdict, judge
from feedback.surveys import repository as surveys

BATCH = 50
READS_AT_ONCE = 8
LEASE = timedelta(seconds=30)
POLL_SECONDS = 1.0
# After this the tier is taken as unknown: a question is due within three days, whatever is away.
ATTEMPTS = 6
DEFAULT_LANGUAGE = "zh-CN"


class Drawer:
    """Decides samples in batches; any number of processes may do so at once."""

    def __init__(self, service: Service, profile: ProfileClient, waiting: Wakeup) -> None:
        self._service = service
        self._profile = profile
        self._waiting = waiting
        self._reading = asyncio.Semaphore(READS_AT_ONCE)

    async def run(self) -> None:
        """Decide until cancelled."""
        while True:
            if not await self.step():
                await self._waiting.wait(POLL_SECONDS)

    async def step(self) -> int:
        """Decide one batch; how many customers it held."""
        async with self._service.database.write_raw() as connection:
            claimed = await repository.claim(connection, self._service.clock.now(), limit=BATCH, lease=LEASE)
        said = await asyncio.gather(*map(self._known, claimed))
        for samples, (known, exists) in zip(claimed.values(), said, strict=True):
            for sample_id, attempts in samples:
                await self._settle(sample_id, attempts, known, exists=exists)
        return len(claimed)

    async def _known(self, customer_id: UUID) -> tuple[Known | None, bool]:
        async with self._reading:
            try:
                return await customers.read(self._profile, customer_id), True
            except customers.NoSuchCustomerError:
                return None, False

    async def _settle(self, sample_id: UUID, attempts: int, known: Known | None, *, exists: bool) -> None:
        async with self._service.database.write_raw() as connection:
            if exists and known is None and attempts < ATTEMPTS:
                until = self._service.clock.now() + timedelta(seconds=2**attempts / 2)
                await repository.put_off(connection, sample_id, until)
            else:
                await self._decide(connection, sample_id, known, exists=exists)

    async def _decide(self, connection: WriteConnection, sample_id: UUID, known: Known | None, *, exists: bool) -> None:
        """Decide one sample for good; nothing if another process has."""
        sample = await repository.undecided(connection, sample_id)
        if sample is None:
            return
        now = self._service.business_clock.now()
        known = known or Known(UNKNOWN_TIER, DEFAULT_LANGUAGE)
        policy = await repository.policy(connection)
        verdict = judge(policy, _closing(sample), known.tier, now)
        decision: Decision = verdict.decision if exists else "no_customer"
        invitation_id = new_id()
        if decision == "sampled" and not await invitations.may_ask(
            connection, sample["customer_id"], invitation_id, now, policy.pause_days
        ):
            decision = "asked_recently"
        await repository.decide(
            connection, sample_id, known.tier, policy.version, verdict.rate, verdict.draw, decision, now
        )
        if decision == "sampled":
            await self._invite(connection, invitation_id, sample, known, verdict, now)

    async def _invite(
        self,
        connection: WriteConnection,
        invitation_id: UUID,
        sample: asyncpg.Record,
        known: Known,
        verdict: Verdict,
        now: datetime,
    ) -> None:
        survey = await surveys.newest(connection, str(verdict.survey))
        # A policy names surveys that exist, and a verdict to ask has its times.
        assert survey is not None  # noqa: S101
        assert verdict.not_before is not None  # noqa: S101
        assert verdict.not_after is not None  # noqa: S101
        await invitations.insert(
            connection,
            invitation_id,
            sample["id"],
            sample["customer_id"],
            sample["interaction_id"],
            sample["complaint_id"],
            sample["reason"],
            survey["key"],
            survey["version"],
            sample["channel"],
            known.tier,
            known.language,
            new_nonce(),
            now,
            verdict.not_before,
            verdict.not_after,
            verdict.not_after + timedelta(days=ANSWER_DAYS),
        )
        event = Invited(
            invitation_id=invitation_id,
            customer_id=sample["customer_id"],
            survey=survey["key"],
            survey_version=survey["version"],
            reason=sample["reason"],
            channels=["mail", "phone"],
            interaction_id=sample["interaction_id"],
            complaint_id=sample["complaint_id"],
            not_before=verdict.not_before,
            not_after=verdict.not_after,
        )
        await self._service.outbox.append(
            connection,
            event,
            aggregate_id=encode("inv", invitation_id),
            sequence=1,
            # Who reads it turns real time into business time.
            occurred_at=self._service.clock.now(),
        )


def _closing(sample: asyncpg.Record) -> Closing:
    return Closing(sample["subject"], sample["reason"], sample["channel"], sample["disposition"], sample["closed_at"])
