"""relay.events_per_s: how fast a service's relay carries events from its outbox to Kafka.

60,000 purchase events lie in the outbox of a profile that is down. It is started, and its relay writes the moment
at which Kafka had acknowledged each batch; counted is from the first batch to the last.
"""

import asyncio
import time

import asyncpg

from bench.house import house, until_empty
from bench.rows import Figure

IDS = ("relay.events_per_s",)
EVENTS = 60_000
SECONDS_AT_MOST = 60.0

_FILL = """
INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
SELECT id, 'customer', customer, 'customer.purchase_recorded', n, jsonb_build_object(
    'specversion', '1.0', 'id', id, 'source', '/careline/profile', 'type', 'customer.purchase_recorded',
    'subject', customer, 'time', now(), 'datacontenttype', 'application/json', 'aggregatetype', 'customer',
    'sequence', lpad(n::text, 20, '0'), 'data', jsonb_build_object(
        'customer_id', customer, 'purchase_id', 'pur_01m82f1w12ex68277fk08sn1bq', 'purchased_at', now(),
        'total_minor', 25900, 'currency', 'CNY', 'source', 'shop')), now()
FROM (SELECT uuidv7() AS id, n, 'cus_01m82f1w12ex68277fk08' || lpad((n % 5000)::text, 5, '0') AS customer
      FROM generate_series(1, {count}) n) events
"""
_RATE = """
SELECT count(*) FILTER (WHERE relayed_at > first) / extract(epoch FROM max(relayed_at) - min(first)) AS rate
FROM outbox_archive, (SELECT min(relayed_at) AS first FROM outbox_archive) AS begun
"""


async def measure() -> list[Figure]:
    """One run over all events."""
    async with house(["directory", "customer-profile"]) as stand:
        connection = await asyncpg.connect(stand.database("profile"), ssl=False)
        try:
            await connection.execute(_FILL.format(count=EVENTS))
            await connection.execute("ANALYZE outbox")
            begun = time.monotonic()
            await asyncio.to_thread(stand.service("customer-profile").start)
            await until_empty(stand, "profile", SECONDS_AT_MOST)
            left = await connection.fetchval("SELECT count(*) FROM outbox")
            if left:
                raise RuntimeError(f"{left} events are left after {time.monotonic() - begun:.0f} s")
            rate = float(await connection.fetchval(_RATE))
        finally:
            await connection.close()
    return [Figure(IDS[0], rate, note=f"{EVENTS} events in {EVENTS / rate:.1f} s")]
