"""Open-loop load: writes arrive at random moments, whether the earlier ones were answered or not."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from tests.faults.callers import Callers
from tests.faults.clients import PATIENCE_SECONDS, Client, Request
from tests.faults.history import History
from tests.faults.stand import Stand

# One client in ten asks once only, so that there are outcomes that nobody knows.
IMPATIENT_SHARE = 0.1
CUSTOMERS = 25
ENDING_SECONDS = PATIENCE_SECONDS + 10


@dataclass(frozen=True)
class Rates:
    """Writes a second."""

    purchases: float = 40
    interactions: float = 5
    people: float = 2


class Load:
    """Purchases to the profile, interactions to the routers, colleagues to the directory."""

    def __init__(self, stand: Stand, callers: Callers, history: History, customers: list[str], rates: Rates) -> None:
        """Take the stand as it will be: routers that are added later get their share."""
        self._stand = stand
        self._callers = callers
        self._history = history
        self._customers = customers
        self._rates = rates
        self._chance = random.Random(history.tag)
        self._client = Client(callers.wire, history, self._chance)
        self._writes: set[asyncio.Task[None]] = set()
        self._number = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load during the block; afterwards wait until every client knows its outcome or has given up."""
        arrivals = [
            asyncio.create_task(self._arrive(self._rates.purchases, self._buy)),
            asyncio.create_task(self._arrive(self._rates.interactions, self._call)),
            asyncio.create_task(self._arrive(self._rates.people, self._hire)),
        ]
        try:
            yield
        finally:
            for task in arrivals:
                task.cancel()
            await asyncio.wait(arrivals, timeout=5)
            if self._writes:
                _, late = await asyncio.wait(self._writes, timeout=ENDING_SECONDS)
                for task in late:
                    task.cancel()

    async def _arrive(self, rate: float, write: Callable[[str, bool], Coroutine[None, None, None]]) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while rate:
            due += self._chance.expovariate(rate)
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._number += 1
            name = f"{self._history.tag}-{self._number}"
            task = asyncio.create_task(write(name, self._chance.random() >= IMPATIENT_SHARE))
            self._writes.add(task)
            task.add_done_callback(self._writes.discard)

    async def _buy(self, name: str, patient: bool) -> None:
        customer = self._chance.choice(self._customers)
        amount = self._chance.randint(100, 99_999)
        body = {
            "external_id": name,
            "customer": {"id": customer},
            "purchased_at": _now(),
            "items": [{"name": "Kettle", "quantity": 1, "amount_minor": amount}],
            "total_minor": amount,
            "currency": "CNY",
        }
        url = f"{self._stand.service('customer-profile').address}/v1/purchases"
        request = Request("POST", lambda: url, lambda: self._callers.partner.headers, body, key=name)
        operation = self._history.begin("purchase", name, f"{customer} {amount}")
        await self._client.write(operation, request, patient=patient)

    async def _call(self, name: str, patient: bool) -> None:
        subject = f"Matter {name}"
        body = {
            "external_id": name,
            "channel": "partner",
            "queue": "faults",
            "customer": {"identifier": {"type": "card", "value": f"C{self._chance.randrange(CUSTOMERS):06}"}},
            "subject": subject,
            "text": "It leaks.",
            "occurred_at": _now(),
        }
        request = Request(
            "POST", partial(self._router, "/v1/interactions"), lambda: self._callers.partner.headers, body, key=name
        )
        await self._client.write(self._history.begin("interaction", name, subject), request, patient=patient)

    async def _hire(self, name: str, patient: bool) -> None:
        person = f"Person {name}"
        body = {"login": name, "name": person, "roles": ["agent"], "locale": "en"}
        url = f"{self._stand.service('directory').address}/v1/people"
        request = Request("POST", lambda: url, lambda: self._callers.admin.headers, body, known_means_done=True)
        await self._client.write(self._history.begin("person", name, person), request, patient=patient)

    def _router(self, path: str) -> str:
        """Each attempt goes to any of the routers, as a load balancer would have it."""
        routers = [each for each in self._stand.services if each.description.database == "router"]
        return f"{self._chance.choice(routers).address}{path}"


async def register_customers(stand: Stand, callers: Callers) -> list[str]:
    """Customers whose purchases and calls follow; few, so that writes meet on the same rows."""
    url = f"{stand.service('customer-profile').address}/v1/customers"
    ids = []
    for number in range(CUSTOMERS):
        card = {"type": "card", "value": f"C{number:06}", "verified": True}
        body = {"name": f"Customer {number}", "identifiers": [card]}
        headers = callers.admin.headers | {"Idempotency-Key": f"customer-{number}"}
        answer = await callers.http.post(url, json=body, headers=headers, timeout=10)
        if not answer.is_success:
            raise RuntimeError(f"{url} answered {answer.status_code}: {answer.text}")
        ids.append(answer.json()["id"])
    return ids


def _now() -> str:
    return datetime.now(UTC).isoformat()
