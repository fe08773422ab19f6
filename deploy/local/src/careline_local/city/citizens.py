"""Who lives in the city: customers of the CDNOW sample, some of whom now have a mailbox."""

import random
from dataclasses import dataclass
from typing import Final

from careline_local.city.callers import AsyncCaller, RefusedError
from careline_local.demo import cdnow

WRITERS: Final = 40
DOMAIN: Final = "city.example"


@dataclass(frozen=True)
class Citizen:
    """A customer who can be written to."""

    customer_id: str
    name: str
    address: str
    language: str
    patience_seconds: float
    content: float
    """How satisfied with good service, from 0 to 1."""


async def settle(admin: AsyncCaller, chance: random.Random) -> list[Citizen]:
    """Give some customers a mailbox and their consent; those who have them keep them."""
    numbers = sorted({purchase.customer for purchase in cdnow.read()})
    return [await _settled(admin, number, chance) for number in chance.sample(numbers, WRITERS)]


async def _settled(admin: AsyncCaller, number: str, chance: random.Random) -> Citizen:
    found = (await admin.get("/api/profile/v1/lookup", identifier=number))["items"]
    known = next(item for item in found if item["name"] == f"CDNOW {number}")
    address = f"citizen-{number}@{DOMAIN}"
    path = f"/api/profile/v1/customers/{known['id']}"
    identifiers = (await admin.get(path))["identifiers"]
    if all(each["type"] != "email" for each in identifiers):
        await admin.post(f"{path}/identifiers", {"type": "email", "value": address, "verified": True})
        for purpose in ("marketing", "survey"):
            consent = {"purpose": purpose, "channel": "mail", "state": "granted", "source": "demo_city"}
            await _unless_refused(admin, f"{path}/consents", consent)
    language = "zh-CN" if chance.random() < 0.5 else "en"  # noqa: PLR2004 -- half of the city
    return Citizen(
        known["id"], known["name"], address, language, chance.expovariate(1 / 60) + 8, chance.betavariate(4, 2)
    )


async def _unless_refused(admin: AsyncCaller, path: str, body: dict[str, str]) -> None:
    try:
        await admin.post(path, body)
    except RefusedError as refusal:
        if refusal.status != 409:  # noqa: PLR2004 -- it is there already
            raise
