"""care.trigger.p99_ms: from an event that asks for care on Kafka to `care.due` on Kafka.

Partners pass on 50 complaints a second for 20 s, each of a known customer; feedback says `complaint.opened`, and care
judges (asking the profile and feedback), renders the acknowledgement and says `care.due`. Both moments are the
timestamps that the producers gave the two records when they sent them. Everything is as in production, one process
of each service.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import asyncpg
from aiokafka import AIOKafkaConsumer

from bench.house import cpu_seconds, house
from bench.partners import PATIENCE_SECONDS, checked, steady
from bench.people import load_customers
from bench.rows import Figure
from bench.statistics import percentile
from bench.tokens import token
from bench.wire import Wire
from careline.ids import encode
from tests.faults.stand import Stand

IDS = ("care.trigger.p99_ms",)
SERVICES = ["directory", "customer-profile", "care-scheduler", "feedback"]
COMPLAINTS_PER_SECOND = 50
SECONDS = 20.0
WARM_SECONDS = 3.0
CUSTOMERS = 5_000
ARRIVE_SECONDS = 30.0
READY_SECONDS = 60.0
LOOK_SECONDS = 0.2

_MIRRORED = "SELECT finished_at IS NOT NULL FROM care_backfill"
_OFFICE = "SELECT EXISTS (SELECT FROM departments) AND EXISTS (SELECT FROM people WHERE state = 'active')"


async def measure() -> list[Figure]:
    """One run."""
    async with house(SERVICES) as stand:
        await load_customers(stand, CUSTOMERS)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        await _open_an_office(wire, stand)
        async with _listening(stand) as heard:
            await _until(stand, "care", _MIRRORED)
            await _until(stand, "feedback", _OFFICE)
            customers = await _customers(stand)
            await _complain(wire, stand, customers, "warm", WARM_SECONDS)
            before = {name: cpu_seconds(stand.service(name)) for name in SERVICES}
            complaints = await _complain(wire, stand, customers[::-1], "run", SECONDS)
            delays = await _delays(heard, complaints)
            costs = {name: cpu_seconds(stand.service(name)) - used for name, used in before.items()}
        wire.close()
    told = ", ".join(f"{name} {used / len(delays) * 1000:.1f}" for name, used in costs.items())
    note = f"{len(delays)}, median {percentile(delays, 0.5):.0f} ms; ms processor time a complaint: {told}"
    return [Figure(IDS[0], percentile(delays, 0.99), note=note)]


class Heard:
    """When which complaint was said to be opened, and when its care to be due; in ms."""

    def __init__(self) -> None:
        self.opened: dict[str, int] = {}
        self.due: dict[str, int] = {}

    def hear(self, event: dict[str, object], at: int) -> None:
        """Note an event."""
        data = event["data"]
        assert isinstance(data, dict)  # noqa: S101 -- of a CloudEvent
        if event["type"] == "complaint.opened":
            # A relay may say a thing twice; what counts is when it was first there to be heard.
            self.opened.setdefault(data["complaint_id"], at)
        elif event["type"] == "care.due":
            self.due.setdefault(data["reference"], at)


@asynccontextmanager
async def _listening(stand: Stand) -> AsyncIterator[Heard]:
    """Everything that is said about complaints and care from now on."""
    heard = Heard()
    consumer = AIOKafkaConsumer(
        "careline.complaint", "careline.care", bootstrap_servers=stand.kafka.address, auto_offset_reset="earliest"
    )
    await consumer.start()

    async def listen() -> None:
        async for record in consumer:
            heard.hear(json.loads(record.value), record.timestamp)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait([task])
        await consumer.stop()


async def _open_an_office(wire: Wire, stand: Stand) -> None:
    """A department whose head owns the complaints."""
    await _until(stand, "directory", "SELECT EXISTS (SELECT FROM people)")
    directory = await asyncpg.connect(stand.database("directory"), ssl=False)
    try:
        head = await directory.fetchval("SELECT id FROM people LIMIT 1")
    finally:
        await directory.close()
    admin = token(stand, "per_01m82f1w12ex68277fk08sn1bq", "people:write")
    body = {
        "key": "customer_care",
        "name": {"zh-CN": "客户关怀", "en": "Customer care"},
        "head_id": encode("per", head),
    }
    url = f"{stand.service('directory').address}/v1/departments"
    await checked(wire.request("POST", url, headers={"Authorization": f"Bearer {admin}"}, body=body))


async def _complain(wire: Wire, stand: Stand, customers: list[str], name: str, seconds: float) -> list[str]:
    partner = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "complaints:write", kind="client")
    url = f"{stand.service('feedback').address}/v1/complaints/partner"
    complaints: list[str] = []

    async def one(number: int) -> None:
        body = {"kind": "product", "customer_id": customers[number % len(customers)], "text": "It leaks."}
        headers = {"Authorization": f"Bearer {partner}", "Idempotency-Key": f"{name}-{number}"}
        asking = wire.request("POST", url, headers=headers, body=body, seconds=PATIENCE_SECONDS)
        answer = await checked(asking)
        complaints.append(str(answer.json()["id"]))

    await steady(COMPLAINTS_PER_SECOND, seconds, one)
    return complaints


async def _delays(heard: Heard, complaints: list[str]) -> list[float]:
    begun = monotonic()
    while missing := [each for each in complaints if each not in heard.due]:
        if monotonic() - begun > ARRIVE_SECONDS:
            raise RuntimeError(f"{len(missing)} of {len(complaints)} complaints never became care that is due")
        await asyncio.sleep(LOOK_SECONDS)
    return [float(heard.due[each] - heard.opened[each]) for each in complaints]


async def _customers(stand: Stand) -> list[str]:
    connection = await asyncpg.connect(stand.database("profile"), ssl=False)
    try:
        return [encode("cus", row[0]) for row in await connection.fetch("SELECT id FROM customers ORDER BY id")]
    finally:
        await connection.close()


async def _until(stand: Stand, database: str, holds: str) -> None:
    """Wait until something is true in a database."""
    connection = await asyncpg.connect(stand.database(database), ssl=False)
    try:
        async with asyncio.timeout(READY_SECONDS):
            while not await connection.fetchval(holds):  # noqa: ASYNC110 -- another process does it
                await asyncio.sleep(LOOK_SECONDS)
    finally:
        await connection.close()
