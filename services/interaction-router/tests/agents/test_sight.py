"""After an absence of ours nobody is taken for gone before the pages had time to come back."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from careline.testing.issuer import TestIssuer
from careline_local.testing.databases import ServiceDatabase
from interaction_router.agents.sight import Sight

from ..factories import MovingClock, make_settings, open_router


def test_whoever_was_away_waits_before_judging() -> None:
    sight = Sight(return_seconds=20)
    assert [sight.look(at) for at in (0, 1, 2.5, 5, 8, 11, 14, 17, 19)] == [False] * 9
    assert sight.look(20)
    assert not sight.look(60)
    for at in range(62, 80, 2):
        assert not sight.look(at)
    assert sight.look(80)


def test_a_long_round_of_its_own_is_no_blindness() -> None:
    sight = Sight(return_seconds=2)
    for at in (0, 1, 2):
        sight.look(at)
    sight.looked(30)
    assert sight.look(30.3)


async def test_work_stays_with_those_who_come_back_after_a_slow_restart(
    service_database: Callable[[str], ServiceDatabase], tmp_path: Path
) -> None:
    url = service_database("interaction_router").url
    clock, issuer = MovingClock(), TestIssuer()
    async with open_router(make_settings(url, tmp_path), clock, issuer) as router:
        await router.queue()
        back, gone = await router.agent(name="Back", mail=1), await router.agent(name="Gone", mail=1)
        for number in range(2):
            await router.arrive(f"c{number}@customer.example")
        kept, lost = await back.accept(), await gone.accept()
    clock.advance(seconds=120)
    async with open_router(make_settings(url, tmp_path, presence_return_seconds=1.5), clock, issuer) as again:
        mine = again.caller(["desk:use"], subject=back.subject)
        async with mine.line() as line:
            await line.until("ready")
            await asyncio.sleep(2.5)
            assert [row["id"] for row in (await mine.snapshot())["interactions"]] == [kept]
            state = await again.value("SELECT state FROM interactions WHERE agent_id IS NULL")
            assert state in {"queued", "offered"}, lost
