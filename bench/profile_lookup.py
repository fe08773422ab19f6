"""profile.lookup: an authenticated look-up by mobile number or mail address among 100,000 customers.

The ratio is what one profile process answers at the most, divided by what the bare endpoint does, median of five
turns each. The p99 is measured at half of the profile's most, from the moment at which each request was due.
"""

from bench.house import bare_beside, house
from bench.load import Plan
from bench.people import identifiers, load_customers
from bench.rounds import CONNECTIONS, ENDLESS_RATE, ROUND_SECONDS, compare, generate
from bench.rows import Figure
from bench.statistics import percentile
from bench.tokens import token
from careline_local.parts.processes import ProcessPart

IDS = ("profile.lookup.ratio", "profile.lookup.p99_ms")
HALF_LOAD_SECONDS = 21.0


async def measure() -> list[Figure]:
    """Both figures come from one run."""
    async with house(["directory", "customer-profile"]) as stand:
        await load_customers(stand)
        async with bare_beside(stand) as bare:
            profile = stand.service("customer-profile")
            reader = token(stand, "per_01m82f1w12ex68277fk08sn1bq", "profile:read")
            ports = {profile.name: profile.port, bare.name: bare.port}
            keys = identifiers()

            def plan(server: ProcessPart, number: int) -> Plan:
                port = ports[server.name]
                return Plan(port, "lookup", reader, ROUND_SECONDS, ENDLESS_RATE, CONNECTIONS, f"r{number}", keys)

            compared = await compare(profile, bare, plan, _nothing)
            half = compared.ours.per_second / 2
            seen = await generate(
                Plan(profile.port, "lookup", reader, HALF_LOAD_SECONDS, half, CONNECTIONS, "half", keys)
            )
    p99 = percentile(seen.latencies_ms, 0.99)
    note = f"at {seen.per_second:.0f}/s, median {percentile(seen.latencies_ms, 0.5):.1f} ms"
    return [
        Figure(IDS[0], compared.ratio, compared.bare.per_second, compared.ratio, compared.note),
        Figure(IDS[1], p99, note=note),
    ]


async def _nothing() -> None:
    """A read leaves nothing to wait for."""
