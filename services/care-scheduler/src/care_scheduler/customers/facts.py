"""What planning reads out of the profile's care facts, and the profile as a client sees it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import httpx
import structlog
from prometheus_client import Counter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from care_scheduler.calendars.wall_clock import zone_named
from care_scheduler.ids import CustomerId
from careline.ids import encode

PAGE = 500
TIMEOUT_SECONDS = 10.0

UNREADABLE = Counter("careline_care_unreadable_facts_total", "Customers whose facts make no sense and are left out.")
UNKNOWN_ZONES = Counter("careline_care_unknown_zones_total", "Customers whose time zone does not exist.")

_log = structlog.get_logger("care.customers")


class _Read(BaseModel):
    # The profile may say more than planning wants to know.
    model_config = ConfigDict(extra="ignore", frozen=True)


class BirthdayFacts(_Read):
    """A birthday in the calendar in which it is kept."""

    calendar: Literal["solar", "lunar"]
    month: int = Field(ge=1, le=12)
    day: int = Field(ge=1, le=31)
    leap_month: bool


class CadenceFacts(_Read):
    """When the customer's own rhythm says that a purchase is overdue."""

    last_purchase_id: str
    overdue_at: datetime


class WarrantyFacts(_Read):
    """A product whose warranty ends on a day."""

    product_id: str
    ends_on: date


class PlanFacts(_Read):
    """What planning needs of one customer."""

    customer_id: CustomerId
    version: int
    lifecycle: str
    birthday: BirthdayFacts | None
    since_on: date | None
    time_zone: str | None
    cadence: CadenceFacts | None
    warranties: list[WarrantyFacts]

    def zone(self, default: str) -> tuple[str, bool]:
        """The customer's zone, or the company's; and whether it is the customer's own."""
        if self.time_zone is None:
            return default, False
        if zone_named(self.time_zone) is None:
            UNKNOWN_ZONES.inc()
            return default, False
        return self.time_zone, True


@dataclass(frozen=True, slots=True)
class FactsPage:
    """Some customers, and the last of them if there may be more."""

    items: list[PlanFacts]
    next: UUID | None


class ProfileClient(Protocol):
    """What is needed to ask the profile; `ServiceClient` is one."""

    async def request(
        self, method: str, path: str, *, json: object = None, timeout_seconds: float | None = None
    ) -> httpx.Response:
        """Send one request."""


async def facts_of(profile: ProfileClient, customer_ids: list[UUID]) -> tuple[list[PlanFacts], list[UUID]]:
    """The facts of up to 500 customers and who of them is unknown; httpx.HTTPError while the profile is away."""
    wanted = {"customer_ids": [encode("cus", customer_id) for customer_id in customer_ids]}
    answer = await profile.request("POST", "/v1/care-facts", json=wanted, timeout_seconds=TIMEOUT_SECONDS)
    body = answer.raise_for_status().json()
    known = {item["customer_id"] for item in body["items"]}
    return _items(body), [each for each in customer_ids if encode("cus", each) not in known]


async def facts_after(profile: ProfileClient, after: UUID | None) -> FactsPage:
    """The facts of the next customers by id; httpx.HTTPError while the profile is away."""
    cursor = f"&after={encode('cus', after)}" if after else ""
    answer = await profile.request("GET", f"/v1/care-facts?limit={PAGE}{cursor}", timeout_seconds=TIMEOUT_SECONDS)
    body = answer.raise_for_status().json()
    return FactsPage(_items(body), _Next.model_validate(body).next)


class _Next(_Read):
    next: CustomerId | None


def _items(body: dict[str, Any]) -> list[PlanFacts]:
    """The readable items: one that is not must not keep five hundred others from being planned."""
    found = []
    for item in body["items"]:
        try:
            found.append(PlanFacts.model_validate(item))
        except ValidationError as fault:
            UNREADABLE.inc()
            _log.error("facts.unreadable", customer=item.get("customer_id"), faults=fault.error_count())
    return found
