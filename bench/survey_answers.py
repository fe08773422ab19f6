"""survey.answers_per_s: answers that one feedback process accepts at the most, each by a link and from an own address.

Thirty thousand open invitations; every request answers another one: the token's signature, the rate of the address,
the branching function, the answer, the invitation's state and the event in the outbox. Two in a hundred are so low
that a complaint is opened with them. The relay runs in the same process, as in production. Median of three turns.
"""

import asyncio
from statistics import median

import asyncpg

from bench.house import cpu_seconds, house, until_empty
from bench.load import Plan
from bench.rounds import CONNECTIONS, ENDLESS_RATE, generate
from bench.rows import Figure
from bench.statistics import percentile
from feedback.invitations.tokens import Links
from tests.faults.stand import Stand

IDS = ("survey.answers_per_s",)
INVITATIONS = 30_000
TURNS = 3
TURN_SECONDS = 6.0

_LOAD = f"""
INSERT INTO people (id, roles, department_id) SELECT uuidv7(), '{{department_head}}', NULL;
INSERT INTO departments (id, key, head_id, version) SELECT uuidv7(), 'customer_care', id, 1 FROM people;
UPDATE people SET department_id = (SELECT id FROM departments);
INSERT INTO samples (id, reason, subject, interaction_id, customer_id, channel, closed_at, tier, policy_version, rate,
                     draw, decision, decided_at)
SELECT uuidv7(), 'interaction', 'int_' || n, uuidv7(), uuidv7(), 'mail', now(), 'regular', 1, 1, 0.5, 'sampled', now()
FROM generate_series(1, {INVITATIONS}) n;
INSERT INTO invitations (id, sample_id, customer_id, interaction_id, reason, survey_key, survey_version, channel, tier,
                         language, nonce, invited_at, not_before, not_after, answer_until, state, version)
SELECT uuidv7(), id, customer_id, interaction_id, reason, 'follow_up', 1, channel, tier, 'zh-CN',
       uuid_send(gen_random_uuid()), now(), now(), now() + interval '3 days', now() + interval '17 days', 'asked', 1
FROM samples;
ANALYZE samples;
ANALYZE invitations
"""  # noqa: S608 -- a number of ours


async def measure() -> list[Figure]:
    """Three turns, one after the other, with new invitations each."""
    async with house(["directory", "feedback"]) as stand:
        tokens = await _invite(stand)
        await asyncio.to_thread(stand.serve)
        feedback = stand.service("feedback")
        rates, waits, costs = [], [], []
        for turn in range(TURNS):
            keys = tokens[turn::TURNS]
            plan = Plan(feedback.port, "answer", "", TURN_SECONDS, ENDLESS_RATE, CONNECTIONS, f"turn-{turn}", keys)
            before = cpu_seconds(feedback)
            seen = await generate(plan)
            requests = seen.answered * TURN_SECONDS / (TURN_SECONDS - 1)
            costs.append((cpu_seconds(feedback) - before) / requests * 1e6)
            rates.append(seen.per_second)
            waits.append(percentile(seen.latencies_ms, 0.5))
            await until_empty(stand, "feedback")
        kept, opened = await _kept(stand)
    note = f"{kept} answers kept, {opened} complaints, {median(costs):.0f} µs processor time an answer"
    return [Figure(IDS[0], median(rates), note=note)]


async def _invite(stand: Stand) -> list[str]:
    """Fill the database; the tokens of all invitations."""
    connection = await asyncpg.connect(stand.database("feedback"), ssl=False)
    try:
        await connection.execute(_LOAD)
        # Write the checkpoint now, so that it does not fall into a measurement.
        await connection.execute("CHECKPOINT")
        rows = await connection.fetch("SELECT nonce FROM invitations")
    finally:
        await connection.close()
    links = Links(stand.vault.password("key of survey links"), stand.public_url)
    return [links.token(row["nonce"]) for row in rows]


async def _kept(stand: Stand) -> tuple[int, int]:
    connection = await asyncpg.connect(stand.database("feedback"), ssl=False)
    try:
        answers = await connection.fetchval("SELECT count(*) FROM answers")
        complaints = await connection.fetchval("SELECT count(*) FROM complaints")
    finally:
        await connection.close()
    return answers, complaints
