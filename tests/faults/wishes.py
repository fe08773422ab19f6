"""What asks for care: complaints, which are answered by a notice, and birthdays, which are greeted unasked."""

import random
from typing import Final

from tests.faults.callers import Callers
from tests.faults.clerks import Clerks
from tests.faults.clients import Client, Request
from tests.faults.customers import Customers
from tests.faults.daytime import today
from tests.faults.history import History
from tests.faults.stand import Stand

KINDS: Final = ("product", "delivery")
GREETED: Final = "Greeted"


def address_of(name: str) -> str:
    """The mailbox of somebody who has a birthday."""
    return f"{name}@greeted.example"


class Wishes:
    """Complaints that a partner passes on, and customers who tell us their birthday on the day."""

    def __init__(
        self,
        stand: Stand,
        callers: Callers,
        history: History,
        customers: Customers,
        client: Client,
        clerks: Clerks,
        chance: random.Random,
    ) -> None:
        """Share client and history with the others."""
        self._stand = stand
        self._callers = callers
        self._history = history
        self._customers = customers
        self._client = client
        self._clerks = clerks
        self._chance = chance

    async def complain(self, name: str, patient: bool) -> None:
        """A partner passes a complaint on; clerks may hand it over then."""
        customer = self._chance.choice(self._customers.complainers)
        kind = self._chance.choice(KINDS)
        body = {"kind": kind, "customer_id": customer.id, "reference": name, "text": f"It broke ({name})."}
        url = f"{self._stand.service('feedback').address}/v1/complaints/partner"
        request = Request("POST", lambda: url, lambda: self._callers.partner.headers, body, key=name)
        operation = self._history.begin("complaint", name, f"{customer.id} {kind}")
        await self._client.write(operation, request, patient=patient)
        if operation.answer is not None:
            await self._clerks.take_up(operation.answer, self._chance.random())

    async def have_birthday(self, name: str, _: bool) -> None:
        """Somebody becomes a customer, allows greetings and tells a birthday, each as often as it takes."""
        mail = {"type": "email", "value": address_of(name), "verified": True}
        body = {"name": f"{GREETED} {name}", "language": "en", "identifiers": [mail]}
        operation = self._history.begin("customer", name, f"{GREETED} {name}")
        await self._client.write(operation, self._to_profile("POST", "", body, key=name))
        customer_id = operation.answer
        if customer_id is None or not await self._may_be_greeted(customer_id):
            return
        month, day = today(self._stand.zone)
        operation = self._history.begin("birthday", customer_id, f"{month}-{day}")
        change = {"birthday": {"calendar": "solar", "month": month, "day": day}}
        await self._client.write(operation, self._to_profile("PATCH", f"/{customer_id}", change, any_version=True))

    async def _may_be_greeted(self, customer_id: str) -> bool:
        """Whether the consent was taken; it is no part of the history, because a second yes changes nothing."""
        consent = {"purpose": "marketing", "channel": "mail", "state": "granted", "source": "faults"}
        request = self._to_profile("POST", f"/{customer_id}/consents", consent)
        unheard = History(self._history.tag)
        operation = unheard.begin("customer", customer_id)
        return (await Client(self._callers.wire, unheard, self._chance).write(operation, request)).outcome == "ok"

    def _to_profile(
        self, method: str, path: str, body: object, *, key: str | None = None, any_version: bool = False
    ) -> Request:
        url = f"{self._stand.service('customer-profile').address}/v1/customers{path}"
        match = {"If-Match": "*"} if any_version else {}
        return Request(method, lambda: url, lambda: self._callers.admin.headers | match, body, key=key)
