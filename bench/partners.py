"""Partner interactions at a steady open-loop rate, from the process of the benchmark."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bench.wire import Answer, Wire
from tests.faults.stand import Stand

QUEUE = "bench"
CUSTOMERS = 5_000
# Long, so that a server that lags gives a bad figure instead of none.
PATIENCE_SECONDS = 30.0


async def put_queue(wire: Wire, stand: Stand, admin: str, *, seconds: int = 60) -> None:
    """The queue that the interactions go to, and the disposition that closes them."""
    router = stand.service("interaction-router").address
    headers = {"Authorization": f"Bearer {admin}"}
    queue = {"name": "Bench", "offer_timeout_seconds": seconds, "channels": ["partner"]}
    label = {"zh-CN": "已解决", "en": "Solved"}
    await checked(wire.request("PUT", f"{router}/v1/queues/{QUEUE}", headers=headers, body=queue))
    body = {"label": label, "active": True}
    await checked(wire.request("PUT", f"{router}/v1/dispositions/solved", headers=headers, body=body))


async def steady(rate: float, seconds: float, act: Callable[[int], Awaitable[None]]) -> None:
    """Start `act` at random moments, `rate` a second on average, and wait for all of them."""
    loop = asyncio.get_running_loop()
    chance = random.Random(rate)
    begun = due = loop.time()
    async with asyncio.timeout(seconds + 60), asyncio.TaskGroup() as group:
        number = 0
        while due < begun + seconds:
            due += chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due - loop.time()))
            number += 1
            group.create_task(_one(act, number))


async def post_interaction(wire: Wire, stand: Stand, partner: str, name: str, phone: int) -> str:
    """Open an interaction of one of the known customers and return its id."""
    body = {
        "external_id": name,
        "channel": "partner",
        "queue": QUEUE,
        "customer": {"identifier": {"type": "phone", "value": f"+86138{phone:08}"}},
        "subject": f"Matter {name}",
        "text": "It leaks.",
        "occurred_at": datetime.now(UTC).isoformat(),
    }
    headers = {"Authorization": f"Bearer {partner}", "Idempotency-Key": name}
    url = f"{stand.service('interaction-router').address}/v1/interactions"
    answer = await checked(wire.request("POST", url, headers=headers, body=body, seconds=PATIENCE_SECONDS))
    return str(answer.json()["id"])


async def checked(asking: Awaitable[Answer]) -> Answer:
    """The answer; RuntimeError if it is a refusal or a fault."""
    answer = await asking
    if not answer.ok:
        raise RuntimeError(f"answered {answer.status}: {answer.text[:300]}")
    return answer


async def _one(act: Callable[[int], Awaitable[None]], number: int) -> None:
    await act(number)
