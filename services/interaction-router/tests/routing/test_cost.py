"""What a decision costs: statements, counted; and that nothing grows with those who merely wait or sit there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import process_time
from typing import Any

from careline.ids import encode
from careline.leases import Lease
from interaction_router.customers.client import Resolution
from interaction_router.routing.decider import Decider

from ..factories import Router, eventually

AGENTS = 200
WAITING = 1000
# BEGIN, lease, look, learn, record, offers, new states, desk, events, COMMIT.
STATEMENTS_OF_AN_OFFER = 10
# BEGIN, lease, look, learn, COMMIT.
STATEMENTS_OF_NO_NEWS = 5
# Of processor time; a quiet machine takes a fifth of it.
SECONDS_WITH_A_THOUSAND_WAITING = 0.1
# The profile has been asked, so no lookup holds a row while it is decided on.
NOBODY = Resolution(customer_id=None, name=None, tier=None, language=None, match="none")

_AGENTS = """
WITH made AS (
    INSERT INTO agents (id, name, presence, presence_since, idle_since, lease_expires_at)
    SELECT gen_random_uuid(), 'A' || n, 'available', now(), now(), now() + interval '1 hour'
    FROM generate_series(1, $1) n
    RETURNING id
)
INSERT INTO agent_capacity (agent_id, channel, wanted_limit, capacity_limit) SELECT id, 'mail', 1, 1 FROM made
"""
_WAITING = """
INSERT INTO interactions (id, channel, contact, queue_id, version, subject, waiting_since, opened_at, updated_at)
SELECT gen_random_uuid(), 'mail', key || n, id, 1, '', now(), now(), now()
FROM queues, generate_series(1, $1) n WHERE key = $2
"""


async def a_decider(router: Router) -> Decider:
    """One that the test calls; the router's own finds the lease taken and rests."""
    lease = Lease(router.units.database, "decider", ttl_seconds=60)

    async def taken() -> bool:
        await router.fetch("UPDATE leases SET expires_at = clock_timestamp() WHERE name = 'decider'")
        return await lease.acquire()

    await eventually(taken)
    return Decider(router.units, lease, 300)


@asynccontextmanager
async def counted(router: Router) -> AsyncIterator[list[str]]:
    """The statements of the one transaction in the block that the decider's lease fences."""
    by_connection: list[list[str]] = []
    loggers: list[tuple[Any, Any]] = []
    pool = await router.units.database.pool()
    holders: Any = pool._holders  # type: ignore[attr-defined]
    for connection in [holder._con for holder in holders if holder._con is not None]:
        statements: list[str] = []
        by_connection.append(statements)
        loggers.append((connection, lambda record, into=statements: into.append(record.query.strip())))
    for connection, logger in loggers:
        connection.add_query_logger(logger)
    decisions: list[str] = []
    try:
        yield decisions
    finally:
        for connection, logger in loggers:
            connection.remove_query_logger(logger)
        for statements in by_connection:
            decisions.extend(_fenced(statements))


def _fenced(statements: list[str]) -> list[str]:
    for place, statement in enumerate(statements):
        if "FROM leases" in statement:
            end = statements.index("COMMIT;", place)
            return statements[place - 1 : end + 1]
    return []


async def test_an_offer_and_no_news_cost_few_statements(router: Router) -> None:
    await router.queue()
    await router.queue("law", "law", channels=["partner"])
    await router.fetch(_AGENTS, AGENTS)
    decider = await a_decider(router)
    await router.arrive("first@customer.example", resolution=NOBODY)
    await decider.decide_once()
    await router.arrive("second@customer.example", resolution=NOBODY)
    async with counted(router) as statements:
        decision = await decider.decide_once()
    assert len(decision.offers) == 1
    assert len(statements) <= STATEMENTS_OF_AN_OFFER, statements
    await router.arrive("third@customer.example", resolution=NOBODY, queue="law")
    await decider.decide_once()
    async with counted(router) as statements:
        assert not (await decider.decide_once()).offers
    assert len(statements) <= STATEMENTS_OF_NO_NEWS, statements


async def test_a_thousand_waiting_that_nobody_can_take_cost_little(router: Router) -> None:
    for number in range(5):
        await router.queue(f"law{number}", f"law{number}", channels=[])
    await router.fetch(_AGENTS, AGENTS)
    for number in range(5):
        await router.fetch(_WAITING, WAITING // 5, f"law{number}")
    decider = await a_decider(router)
    await decider.decide_once()
    begun = process_time()
    for _ in range(5):
        assert len((await decider.decide_once()).waiting) == WAITING
    assert (process_time() - begun) / 5 < SECONDS_WITH_A_THOUSAND_WAITING
    kept = await router.value("SELECT count(*) FROM decisions")
    assert kept == 1


async def test_a_replay_needs_only_what_is_kept(router: Router) -> None:
    """Agents as their difference from an anchor, work that waits on left out: the answer is the same."""
    decider = await a_decider(router)
    await router.queue()
    await router.queue("law", "law", channels=["partner"])
    boss = router.supervisor()
    ids = []
    async with router.units.database.write_raw() as long:
        # Somebody's long transaction on the same server holds the horizon of what is new back: all is told again.
        await long.execute("SELECT pg_current_xact_id()")
        await router.fetch(_AGENTS, AGENTS)
        await router.fetch(_WAITING, 50, "law")
        for number in range(4):
            ids.append((await router.arrive(f"c{number}@customer.example", resolution=NOBODY)).interaction_id)
            await decider.decide_once()
    assert await router.value("SELECT count(*) FROM decision_anchors") == 1
    assert await router.value("SELECT max(length(situation)) FROM decisions") < 8000
    for interaction_id in ids:
        records = await boss.get(f"/v1/interactions/{encode('int', interaction_id)}/decisions")
        assert records[0]["replayed"] is True
        assert records[0]["outcome"] == "offered"
        assert len(records[0]["reasons"]) == AGENTS


async def test_what_was_not_committed_at_one_look_is_learned_at_the_next(router: Router) -> None:
    await router.queue()
    await router.fetch(_AGENTS, 1)
    await router.fetch("UPDATE agents SET presence = 'break'")
    decider = await a_decider(router)
    await router.arrive()
    async with router.units.database.write_raw() as slow:
        await slow.execute("UPDATE agents SET presence = 'available'")
        await router.fetch("UPDATE queues SET priority = 1")
        assert not (await decider.decide_once()).offers
    assert len((await decider.decide_once()).offers) == 1
