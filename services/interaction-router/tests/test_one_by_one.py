"""A row that a job fails on holds up nobody behind it."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from careline.ids import new_id
from careline.testing.issuer import TestIssuer
from careline_local.testing.databases import ServiceDatabase
from interaction_router import one_by_one
from interaction_router.offers import service
from interaction_router.one_by_one import BATCH, FAILED, OneByOne
from interaction_router.unit import Unit

from .factories import MovingClock, Router, eventually, make_settings, open_router


def failures(job: str) -> float:
    return float(FAILED.labels(job)._value.get())


async def test_an_offer_that_cannot_be_ended_holds_up_no_other(
    service_database: Callable[[str], ServiceDatabase], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned: set[UUID] = set()
    expire = service.expire

    async def failing(unit: Unit, offer_id: UUID) -> bool:
        if offer_id in poisoned:
            raise ValueError("our fault")
        return await expire(unit, offer_id)

    monkeypatch.setattr(service, "expire", failing)
    before = failures("offers")
    url = service_database("interaction_router").url
    # Long enough that nobody is gone before her offer runs out.
    settings = make_settings(url, tmp_path, presence_lease_seconds=3600)
    async with open_router(settings, MovingClock(), TestIssuer()) as router:
        await router.queue()
        for number in range(3):
            agent = await router.agent(name=f"A{number}", mail=1)
            await router.arrive(f"c{number}@customer.example")
            await agent.offer()
        # The one that the job comes to first.
        first = await router.value("SELECT id FROM offers ORDER BY expires_at LIMIT 1")
        poisoned.add(first)
        router.clock.advance(seconds=60)

        async def ended() -> bool:
            rows = await router.fetch("SELECT state FROM offers WHERE id <> $1", first)
            return {row["state"] for row in rows} == {"timed_out"}

        await eventually(ended)
        assert await router.value("SELECT state FROM offers WHERE id = $1", first) == "open"
        assert failures("offers") == before + 1


async def test_what_failed_rests_and_takes_nobodys_place(router: Router, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = new_id(), new_id()
    seen: list[UUID] = []

    async def work(_: Unit, row: UUID) -> None:
        seen.append(row)
        if row == bad:
            raise ValueError("our fault")

    job = OneByOne("test", work)
    assert job.limit == BATCH
    for _ in range(2):
        await job.run(router.units, [bad, good])
    assert seen == [bad, good, good]
    assert job.limit == BATCH + 1
    monkeypatch.setattr(one_by_one, "monotonic", lambda: float("inf"))
    await job.run(router.units, [bad])
    assert seen[-1] == bad


@pytest.mark.parametrize(
    ("fault", "goes_on"), [(ConnectionRefusedError(), False), (asyncpg.DeadlockDetectedError(), True)]
)
async def test_only_a_database_that_is_away_ends_the_round(router: Router, fault: Exception, goes_on: bool) -> None:
    seen: list[UUID] = []

    async def work(_: Unit, row: UUID) -> None:
        seen.append(row)
        raise fault

    job = OneByOne("test", work)
    rows = [new_id(), new_id()]
    if goes_on:
        await job.run(router.units, rows)
        assert seen == rows
        assert job.limit == BATCH
    else:
        with pytest.raises(ConnectionRefusedError):
            await job.run(router.units, rows)
        assert seen == rows[:1]
