"""What a shop's program and an administrator write: purchases, matters, colleagues."""

import random
from datetime import UTC, datetime
from functools import partial

from tests.faults.callers import Callers
from tests.faults.clients import Client, Request
from tests.faults.customers import Customers
from tests.faults.history import History
from tests.faults.stand import Stand


class Writes:
    """Purchases to the profile, interactions to the routers, colleagues to the directory."""

    def __init__(
        self,
        stand: Stand,
        callers: Callers,
        history: History,
        customers: Customers,
        client: Client,
        chance: random.Random,
    ) -> None:
        """Share client and history with the others."""
        self._stand = stand
        self._callers = callers
        self._history = history
        self._customers = customers
        self._client = client
        self._chance = chance

    async def buy(self, name: str, patient: bool) -> None:
        """Somebody buys something."""
        customer = self._chance.choice(self._customers.callers)
        amount = self._chance.randint(100, 99_999)
        body = {
            "external_id": name,
            "customer": {"id": customer.id},
            "purchased_at": _now(),
            "items": [{"name": "Kettle", "quantity": 1, "amount_minor": amount}],
            "total_minor": amount,
            "currency": "CNY",
        }
        url = f"{self._stand.service('customer-profile').address}/v1/purchases"
        request = Request("POST", lambda: url, lambda: self._callers.partner.headers, body, key=name)
        operation = self._history.begin("purchase", name, f"{customer.id} {amount}")
        await self._client.write(operation, request, patient=patient)

    async def call(self, name: str, patient: bool) -> None:
        """Somebody comes to a shop with a matter."""
        subject = f"Matter {name}"
        body = {
            "external_id": name,
            "channel": "partner",
            "queue": "faults",
            "customer": {"identifier": {"type": "card", "value": self._chance.choice(self._customers.callers).card}},
            "subject": subject,
            "text": "It leaks.",
            "occurred_at": _now(),
        }
        request = Request(
            "POST", partial(self._router, "/v1/interactions"), lambda: self._callers.partner.headers, body, key=name
        )
        await self._client.write(self._history.begin("interaction", name, subject), request, patient=patient)

    async def hire(self, name: str, patient: bool) -> None:
        """A colleague begins."""
        person = f"Person {name}"
        body = {"login": name, "name": person, "roles": ["agent"], "locale": "en"}
        url = f"{self._stand.service('directory').address}/v1/people"
        request = Request("POST", lambda: url, lambda: self._callers.admin.headers, body, known_means_done=True)
        await self._client.write(self._history.begin("person", name, person), request, patient=patient)

    def _router(self, path: str) -> str:
        """Each attempt goes to any of the routers, as a load balancer would have it."""
        routers = [each for each in self._stand.services if each.description.database == "router"]
        return f"{self._chance.choice(routers).address}{path}"


def _now() -> str:
    return datetime.now(UTC).isoformat()
