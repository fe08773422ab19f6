"""care.trigger.p99_ms: from an event that asks for care on Kafka to `care.due` on Kafka.

1,300 complaints of known customers are recorded while their acknowledgement is switched off. Then it is switched on,
and `complaint.opened` is said of 50 complaints a second for 20 s: care plans, judges (asking the profile and
feedback), renders, and says `care.due`. Both moments are the timestamps that the producers gave the two records.
Everything is as in production, one process of each service; recording complaints is not part of the figure.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from bench.house import cpu_seconds, house
from bench.partners import PATIENCE_SECONDS, checked, steady
from bench.people import load_customers
from bench.rows import Figure
from bench.statistics import percentile
from bench.tokens import token
from bench.wire import Wire
from careline.ids import encode, new_id
from tests.faults.stand import Stand

IDS = ("care.trigger.p99_ms",)
SERVICES = ["directory", "customer-profile", "care-scheduler", "feedback"]
EVENTS_PER_SECOND = 50
SECONDS = 20.0
WARM_SECONDS = 3.0
COMPLAINTS = 1_300
CUSTOMERS = 5_000
AT_ONCE = 4
TRIES = 20
ARRIVE_SECONDS = 60.0
READY_SECONDS = 120.0
LOOK_SECONDS = 0.2
OPENED = "complaint.opened"

_MIRRORED = "SELECT finished_at IS NOT NULL FROM care_backfill"
_OFFICE = "SELECT EXISTS (SELECT FROM departments) AND EXISTS (SELECT FROM people WHERE state = 'active')"
_HEARD = f"SELECT count(*) >= {COMPLAINTS} FROM complaints"  # noqa: S608 -- a number from above
_SWITCH = "UPDATE occasions SET active = $1 WHERE key = 'complaint_acknowledged'"


async def measure() -> list[Figure]:
    """One run."""
    async with house(SERVICES) as stand:
        await load_customers(stand, CUSTOMERS)
        await _switch(stand, on=False)
        await asyncio.to_thread(stand.serve)
        wire = Wire()
        await _open_an_office(wire, stand)
        async with _listening(stand) as heard:
            await _until(stand, "care", _MIRRORED)
            await _until(stand, "feedback", _OFFICE)
            await _record_complaints(wire, stand)
            await _until(stand, "care", _HEARD)
            await _switch(stand, on=True)
            complaints = sorted(heard.opened)
            warm = await _say(stand, heard, complaints, WARM_SECONDS)
            await _delays(heard, warm)
            before = {name: cpu_seconds(stand.service(name)) for name in SERVICES}
            asked = await _say(stand, heard, complaints[::-1], SECONDS)
            delays = await _delays(heard, asked)
            costs = {name: cpu_seconds(stand.service(name)) - used for name, used in before.items()}
        wire.close()
    told = ", ".join(f"{name} {used / len(delays) * 1000:.1f}" for name, used in costs.items())
    note = f"{len(delays)}, median {percentile(delays, 0.5):.0f} ms; ms processor time an event: {told}"
    return [Figure(IDS[0], percentile(delays, 0.99), note=note)]


class Heard:
    """What was said about complaints, and when their care was said to be due, in ms."""

    def __init__(self) -> None:
        self.opened: dict[str, dict[str, Any]] = {}
        self.due: dict[str, int] = {}

    def hear(self, event: dict[str, Any], at: int) -> None:
        """Note an event."""
        if event["type"] == OPENED:
            self.opened[event["subject"]] = event
        elif event["type"] == "care.due":
            # A relay may say a thing twice; what counts is when it was first there to be heard.
            self.due.setdefault(event["data"]["reference"], at)


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


async def _say(stand: Stand, heard: Heard, complaints: list[str], seconds: float) -> dict[str, int]:
    """Say of one complaint after the other that it is opened; when each was said, in ms."""
    producer = AIOKafkaProducer(bootstrap_servers=stand.kafka.address, acks="all")
    await producer.start()
    asked: dict[str, int] = {}

    async def one(number: int) -> None:
        complaint = complaints[number]
        event = heard.opened[complaint] | {"id": str(new_id())}
        told = await producer.send_and_wait("careline.complaint", json.dumps(event).encode(), complaint.encode())
        asked[complaint] = told.timestamp

    try:
        await steady(EVENTS_PER_SECOND, seconds, one)
    finally:
        await producer.stop()
    return asked


async def _delays(heard: Heard, asked: dict[str, int]) -> list[float]:
    begun = monotonic()
    while missing := [each for each in asked if each not in heard.due]:
        if monotonic() - begun > ARRIVE_SECONDS:
            raise RuntimeError(f"{len(missing)} of {len(asked)} complaints never became care that is due")
        await asyncio.sleep(LOOK_SECONDS)
    return [float(heard.due[each] - at) for each, at in asked.items()]


async def _switch(stand: Stand, *, on: bool) -> None:
    """Let care acknowledge complaints, or not."""
    connection = await asyncpg.connect(stand.database("care"), ssl=False)
    try:
        await connection.execute(_SWITCH, on)
    finally:
        await connection.close()


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


async def _record_complaints(wire: Wire, stand: Stand) -> None:
    """Complaints of as many customers, recorded by a partner; repeated until each is answered."""
    customers = await _customers(stand)
    partner = token(stand, "cli_01m82f1w12ex68277fk08sn1bq", "complaints:write", kind="client")
    url = f"{stand.service('feedback').address}/v1/complaints/partner"

    async def one(number: int) -> None:
        body = {"kind": "product", "customer_id": customers[number], "text": "It leaks."}
        headers = {"Authorization": f"Bearer {partner}", "Idempotency-Key": f"bench-{number}"}
        for _ in range(TRIES):
            answer = await wire.request("POST", url, headers=headers, body=body, seconds=PATIENCE_SECONDS)
            if answer.ok:
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise RuntimeError(f"answered {answer.status}: {answer.text[:300]}")

    numbers = iter(range(COMPLAINTS))

    async def worker() -> None:
        for number in numbers:
            await one(number)

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))


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
