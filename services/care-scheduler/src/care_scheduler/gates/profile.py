"""Asks the profile what it knows of customers, in batches, outside of any transaction."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from care_scheduler.gates.model import Facts
from careline.clients import ServiceClient
from careline.ids import decode, encode

MAX_CUSTOMERS: Final = 500
TIMEOUT_SECONDS: Final = 10.0
# Of a customer who chose none.
QUIET_FROM: Final = time(21)
QUIET_TO: Final = time(8)


class Profile:
    """The customer profile as this service sees it."""

    def __init__(self, client: ServiceClient, time_zone: str) -> None:
        self._client = client
        self._time_zone = time_zone

    async def facts(self, customer_ids: Sequence[UUID]) -> dict[UUID, Facts]:
        """What is known of each customer; who is not known is not there. httpx.HTTPError if the profile is away."""
        found: dict[UUID, Facts] = {}
        for first in range(0, len(customer_ids), MAX_CUSTOMERS):
            wanted = [encode("cus", each) for each in customer_ids[first : first + MAX_CUSTOMERS]]
            answer = await self._client.request(
                "POST", "/v1/care-facts", json={"customer_ids": wanted}, timeout_seconds=TIMEOUT_SECONDS
            )
            answer.raise_for_status()
            for item in answer.json()["items"]:
                facts = facts_of(item, self._time_zone)
                found[facts.customer_id] = facts
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def facts_of(item: Mapping[str, Any], company_zone: str) -> Facts:
    """The facts in one item of the profile's answer."""
    zone, known = _zone(item["time_zone"], company_zone)
    quiet = item["quiet_from"] is not None and item["quiet_to"] is not None
    reachable = item["identifiers"]
    return Facts(
        customer_id=decode("cus", item["customer_id"]),
        name=item["name"],
        salutation=item["salutation"],
        language=item["language"],
        tier=item["tier"],
        time_zone=zone,
        time_zone_known=known,
        quiet_from=time.fromisoformat(item["quiet_from"]) if quiet else QUIET_FROM,
        quiet_to=time.fromisoformat(item["quiet_to"]) if quiet else QUIET_TO,
        preferred_channel=item["preferred_channel"],
        mail=reachable["mail"]["value"] if reachable["mail"] else None,
        phone=reachable["phone"]["value"] if reachable["phone"] else None,
        postal_address=item["postal_address"],
        consents={
            (purpose, channel): state
            for purpose, channels in item["consents"].items()
            for channel, state in channels.items()
            if state != "none"
        },
        warranties={
            each["product_id"]: (each["name"], date.fromisoformat(each["ends_on"])) for each in item["warranties"]
        },
    )


def _zone(name: str | None, company_zone: str) -> tuple[str, bool]:
    """The customer's zone; the company's if there is none, or one that this machine does not know."""
    if name is None:
        return company_zone, False
    try:
        ZoneInfo(name)
    except (ValueError, OSError):
        return company_zone, False
    return name, True
