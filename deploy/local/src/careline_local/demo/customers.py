"""A dozen customers with names: who they are, what they own, what was said before."""

import json
import time
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from careline_local.demo import wishes
from careline_local.demo.api import Caller, Json
from careline_local.parts.base import PartError

_PROFILE: Final = "/api/profile/v1"
_SOURCE: Final = "demo-shop"
_CURRENCY: Final = "CNY"
_HEARSAY_SECONDS: Final = 30
_ASK_EVERY_SECONDS: Final = 0.25


class NamedCustomers:
    """Adds what is missing of each. All dates count back from today, so what is there is told by its text."""

    def __init__(self, staff: Caller, partner: Caller, now: datetime, people: Mapping[str, Json]) -> None:
        """`staff` may write profiles, `partner` records purchases; `people` are the colleagues by login."""
        self._staff = staff
        self._partner = partner
        self._now = now
        self._people = people

    def ensure(self) -> int:
        """Add all of them and return how many there are."""
        given: list[Json] = json.loads((files(__package__) / "customers.json").read_text())
        ids = [self._ensure(each, number) for number, each in enumerate(given, start=1)]
        self._ensure_households(given, ids)
        return len(ids)

    def _ensure(self, given: Json, number: int) -> str:
        customer_id = self._find(given) or self._register(given, number)
        path = f"{_PROFILE}/customers/{customer_id}"
        self._ensure_purchases(path, customer_id, given["purchases"], number)
        self._ensure_products(path, customer_id, given["products"])
        self._ensure_contacts(path, given["contacts"])
        wishes.ensure(self._staff, path, given)
        self._ensure_account(path, given)
        return customer_id

    def _find(self, given: Json) -> str | None:
        """The customer who has one of the identifiers; somebody may have removed another."""
        for identifier in _identifiers(given):
            found = self._staff.get(f"{_PROFILE}/lookup", identifier=identifier["value"])["items"]
            if found:
                return str(found[0]["id"])
        return None

    def _register(self, given: Json, number: int) -> str:
        body = {name: given[name] for name in ("name", "salutation", "language", "tier")}
        body |= {name: given[name] for name in ("flags", "postal_address") if name in given}
        if "birthday" in given:
            body["birthday"] = self._birthday(given["birthday"])
        body["identifiers"] = _identifiers(given)
        key = f"demo-customer-{number}-{self._now:%Y%m%d%H%M%S}"
        return str(self._staff.post(f"{_PROFILE}/customers", body, key=key)["id"])

    def _ensure_purchases(self, path: str, customer_id: str, wanted: list[Json], number: int) -> None:
        known = {each["external_id"] for each in self._staff.items(f"{path}/purchases")}
        for place, purchase in enumerate(wanted, start=1):
            external_id = f"{number}-{place}"
            if external_id not in known:
                body = self._purchase(customer_id, external_id, purchase)
                self._partner.post(f"{_PROFILE}/purchases", body, key=f"demo-{external_id}-{self._now:%Y%m%d%H%M%S}")

    def _purchase(self, customer_id: str, external_id: str, given: Json) -> Json:
        items = [
            {"name": name, "quantity": quantity, "amount_minor": amount} for name, quantity, amount in given["items"]
        ]
        return {
            "external_id": external_id,
            "source": _SOURCE,
            "customer": {"id": customer_id},
            "purchased_at": _months_before(self._days_ago(given["days_ago"]), given.get("months_ago", 0)).isoformat(),
            "items": items,
            "total_minor": sum(item["amount_minor"] for item in items),
            "currency": _CURRENCY,
        }

    def _ensure_products(self, path: str, customer_id: str, wanted: list[list[Any]]) -> None:
        known = {each["serial"] for each in self._staff.items(f"{path}/products")}
        for name, serial, bought_days_ago, warranty_days_left in wanted:
            if serial not in known:
                body = {
                    "customer_id": customer_id,
                    "name": name,
                    "serial": serial,
                    "bought_on": self._days_ago(bought_days_ago).date().isoformat(),
                    "warranty_ends_on": self._days_ago(-warranty_days_left).date().isoformat(),
                }
                self._staff.post(f"{_PROFILE}/products", body)

    def _ensure_contacts(self, path: str, wanted: list[list[Any]]) -> None:
        known = {each["facts"].get("text") for each in self._staff.items(f"{path}/timeline")}
        for kind, days_ago, text in wanted:
            if text not in known:
                body = {"kind": kind, "occurred_at": self._days_ago(days_ago).isoformat(), "text": text}
                self._staff.post(f"{path}/timeline", body)

    def _ensure_households(self, given: list[Json], ids: list[str]) -> None:
        members: dict[str, list[Json]] = defaultdict(list)
        for each, customer_id in zip(given, ids, strict=True):
            if "household" in each:
                name, relation = each["household"]
                members[name].append({"customer_id": customer_id, "relation": relation})
        for name, living_there in members.items():
            if not self._has_household(living_there[0]["customer_id"]):
                self._staff.post(f"{_PROFILE}/households", {"name": name, "members": living_there})

    def _has_household(self, customer_id: str) -> bool:
        pop = self._staff.get(f"{_PROFILE}/customers/{customer_id}/screen-pop")
        return bool(pop["counts"]["household"])

    def _ensure_account(self, path: str, given: Json) -> None:
        """Name who looks after the customer; the profile hears of new colleagues a moment after the directory."""
        owner = self._people.get(given.get("owner", ""))
        if owner is None or not owner["active"] or self._staff.get(path)["owner_id"] is not None:
            return
        give_up_at = time.monotonic() + _HEARSAY_SECONDS
        while True:
            answer = self._staff.request("PATCH", path, json={"owner_id": owner["id"]}, headers={"If-Match": "*"})
            if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY or time.monotonic() > give_up_at:
                break
            time.sleep(_ASK_EVERY_SECONDS)
        if not answer.is_success:
            raise PartError(f"The demo data could not be loaded: {path} has no owner: {answer.text[:500]}")

    def _birthday(self, given: Json) -> Json:
        """A date, or one that is so many days away, in the customer's own year."""
        if "in_days" not in given:
            return given
        day = self._days_ago(-given["in_days"])
        return {"calendar": given["calendar"], "year": given["year"], "month": day.month, "day": day.day}

    def _days_ago(self, days: int) -> datetime:
        return (self._now - timedelta(days=days)).astimezone(UTC)


def _months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months earlier, or the last one of that month."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _identifiers(given: Json) -> list[Json]:
    return list(_each_identifier(given))


def _each_identifier(given: Json) -> Iterator[Json]:
    for kind, value, verified, *namespace in given["identifiers"]:
        yield {"type": kind, "value": value, "verified": verified, "namespace": namespace[0] if namespace else ""}
