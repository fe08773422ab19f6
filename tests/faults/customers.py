"""Customers who are there from the start: few, so that writes meet on the same rows."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tests.faults.callers import Callers
from tests.faults.stand import Stand

CALLERS: Final = 25
COMPLAINERS: Final = 15
AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Customer:
    """One of them."""

    id: str
    card: str
    address: str


@dataclass(frozen=True, slots=True)
class Customers:
    """Those who complain are not asked how it was while their complaint is open, so others call."""

    callers: Sequence[Customer]
    complainers: Sequence[Customer]

    @property
    def addresses(self) -> list[str]:
        """Their mailboxes."""
        return [each.address for each in [*self.callers, *self.complainers]]


def mailboxes() -> dict[str, str]:
    """The mailboxes of all of them, each with its password: a first mail would make them, two at once would not."""
    return {_address(number): _address(number) for number in range(CALLERS + COMPLAINERS)}


async def register_customers(stand: Stand, callers: Callers) -> Customers:
    """Register all of them."""
    url = f"{stand.service('customer-profile').address}/v1/customers"
    room = asyncio.Semaphore(AT_ONCE)

    async def register(number: int) -> Customer:
        card, address = f"C{number:06}", _address(number)
        identifiers = [
            {"type": "card", "value": card, "verified": True},
            {"type": "email", "value": address, "verified": True},
        ]
        body = {"name": f"Customer {number}", "language": "en", "identifiers": identifiers}
        headers = callers.admin.headers | {"Idempotency-Key": f"customer-{number}"}
        async with room:
            answer = await callers.http.post(url, json=body, headers=headers, timeout=10)
        if not answer.is_success:
            raise RuntimeError(f"{url} answered {answer.status_code}: {answer.text}")
        return Customer(answer.json()["id"], card, address)

    found = await asyncio.gather(*map(register, range(CALLERS + COMPLAINERS)))
    return Customers(found[:CALLERS], found[CALLERS:])


def _address(number: int) -> str:
    return f"c{number}@customer.example"
