"""ingest.outbox: an authenticated, idempotent purchase with its event in the outbox, in one transaction.

What one profile process answers at the most, divided by what the bare endpoint does, median of five turns each.
The profile's relay runs in the same process, as in production; the bare endpoint has none, and its turn begins when
the profile's outbox is empty.
"""

import asyncpg

from bench.house import bare_beside, house, until_empty
from bench.load import Plan
from bench.people import load_customers
from bench.rounds import CONNECTIONS, ENDLESS_RATE, ROUND_SECONDS, compare
from bench.rows import Figure
from bench.tokens import token
from careline.ids import encode
from careline_local.parts.processes import ProcessPart

IDS = ("ingest.outbox.ratio",)
BUYERS = 20_000


async def measure() -> list[Figure]:
    """The ratio."""
    async with house(["directory", "customer-profile"]) as stand:
        await load_customers(stand)
        connection = await asyncpg.connect(stand.database("profile"), ssl=False)
        rows = await connection.fetch("SELECT id FROM customers LIMIT $1", BUYERS)
        await connection.close()
        buyers = [encode("cus", row["id"]) for row in rows]
        async with bare_beside(stand) as bare:
            profile = stand.service("customer-profile")
            shop = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "purchases:write", kind="client")
            ports = {profile.name: profile.port, bare.name: bare.port}

            def plan(server: ProcessPart, number: int) -> Plan:
                port = ports[server.name]
                return Plan(port, "purchase", shop, ROUND_SECONDS, ENDLESS_RATE, CONNECTIONS, f"r{number}", buyers)

            async def relayed() -> None:
                await until_empty(stand, "profile")

            compared = await compare(profile, bare, plan, relayed)
    return [Figure(IDS[0], compared.ratio, compared.bare.per_second, compared.ratio, compared.note)]
