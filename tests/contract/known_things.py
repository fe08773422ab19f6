"""One thing of each kind that paths have gaps for, made over the public interfaces of a running system."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from careline_local.demo import departments, people, routing
from careline_local.demo.api import Caller, Json, PersonCaller
from careline_local.system.vault import Vault

PROFILE, ROUTER, CARE = "/api/profile/v1", "/api/router/v1", "/api/care/v1"
FEEDBACK, DIRECTORY = "/api/feedback/v1", "/api/directory/v1"
SOON_SECONDS = 60
CARDS = "cards"
# Keys that people choose: path → one that is there.
KEYS = {
    "/v1/surveys/": "follow_up",
    "/v1/occasions/": "birthday",
    "/v1/templates/": "birthday",
    "/v1/calendars/": "cn-office",
    "/v1/queues/": "billing",
}
ADDRESS = {"lines": ["Long Lane 3"], "postcode": "100050", "country": "CN"}

Found = TypeVar("Found")


@dataclass
class Maker:
    """Who makes the things."""

    admin: Caller
    person: PersonCaller
    partner: Caller
    visitor: Json
    origin: str

    def make(self) -> Json:
        """The things' ids, by the names of the gaps."""
        customer, card_lover = self._customer("gold"), self._customer(CARDS)
        cell = {"means": "card", "template_key": "complaint_acknowledged"}
        self.admin.put(f"{CARE}/matrix/{CARDS}/complaint_acknowledged", cell)
        complaint = self._complaint(customer)
        self._complaint(card_lover)
        closed = self._work(customer)
        self._close(closed)
        matter = self._work(customer)
        return {
            "customer_id": customer["id"],
            "identifier_id": customer["identifiers"][0]["id"],
            "household_id": self._household(customer),
            "import_id": self._import(),
            "interaction_id": matter,
            "message_id": self.person.get(f"{ROUTER}/interactions/{matter}/messages")["items"][0]["id"],
            "chat_id": self._chat(),
            "complaint_id": complaint["id"],
            "handover_id": self._offer(complaint),
            "care_id": _soon(lambda: self._care_of(customer), "care")["id"],
            "list_id": _soon(self._list_of_cards, "a list of cards")["id"],
            "template_id": self.person.request("GET", f"{ROUTER}/templates").json()[0]["id"],
            "agent_id": self.person.person["id"],
            "version": 1,
            **self._samples(closed),
            **self._staff(),
        }

    def _customer(self, tier: str) -> Json:
        address = {"type": "email", "value": f"{uuid4().hex[:10]}@customers.example"}
        body = {"name": "Known", "tier": tier, "identifiers": [address], "postal_address": ADDRESS}
        return self.admin.post(f"{PROFILE}/customers", body, key=uuid4().hex) | {"address": address["value"]}

    def _household(self, customer: Json) -> str:
        body = {"name": "Known", "members": [{"customer_id": customer["id"]}]}
        return str(self.admin.post(f"{PROFILE}/households", body)["id"])

    def _import(self) -> str:
        files = {"file": ("customers.csv", b"name,email\nLi,li@imported.example\n", "text/csv")}
        return str(self.partner.send("POST", f"{PROFILE}/imports", data={"kind": "customers"}, files=files)["id"])

    def _chat(self) -> str:
        answer = httpx.post(
            f"{self.origin}{ROUTER}/chats",
            json={"language": "en"},
            headers={"Authorization": f"Visitor {self.visitor['token']}"},
            timeout=10,
        )
        return str(answer.json()["id"])

    def _complaint(self, customer: Json) -> Json:
        """Nobody could own one before feedback has heard of those who work here."""
        body = {"kind": "product", "customer_id": customer["id"], "text": "Known"}
        key = {"Idempotency-Key": uuid4().hex}

        def record() -> Json | None:
            answer = self.person.request("POST", f"{FEEDBACK}/complaints", json=body, headers=key)
            return dict(answer.json()) if answer.is_success else None

        return _soon(record, "a complaint")

    def _offer(self, complaint: Json) -> str:
        path = f"{FEEDBACK}/complaints/{complaint['id']}/handovers"

        def offered() -> str | None:
            for each in self.admin.get(f"{DIRECTORY}/departments")["items"]:
                body = {"to_department": each["id"], "note": "Known"}
                answer = self.person.request("POST", path, json=body)
                if answer.is_success:
                    return str(answer.json()["offers"][-1]["id"])
            return None

        return _soon(offered, "a hand-over")

    def _work(self, customer: Json) -> str:
        """A matter that the person has accepted."""
        matter = {
            "external_id": uuid4().hex,
            "channel": "partner",
            "queue": "billing",
            "customer": {"identifier": {"type": "email", "value": customer["address"]}},
            "subject": "Known",
            "text": "Known",
            "occurred_at": "2026-11-20T10:00:00Z",
        }
        opened = self.partner.post(f"{ROUTER}/interactions", matter, key=uuid4().hex)

        def offered() -> Json | None:
            offers = self.person.get(f"{ROUTER}/desk/snapshot")["offers"]
            return next((each for each in offers if each["interaction"]["id"] == opened["id"]), None)

        offer = _soon(offered, "an offer")
        self.person.post(f"{ROUTER}/offers/{offer['id']}/acceptance", {})
        self.person.post(f"{ROUTER}/interactions/{opened['id']}/verification", {"method": "agent_check"})
        return str(opened["id"])

    def _close(self, interaction_id: str) -> None:
        path = f"{ROUTER}/interactions/{interaction_id}"
        self.person.post(f"{path}/wrap-up", {})
        self.person.post(f"{path}/closure", {"disposition": "resolved"})

    def _samples(self, interaction_id: str) -> Json:
        """What was decided about a closing of a gold customer, who is always asked."""

        def drawn() -> Json | None:
            found = self.person.get(f"{FEEDBACK}/samples", subject=interaction_id)["items"]
            return found[0] if found and found[0]["decision"] else None

        sample = _soon(drawn, "a sample")
        return {"sample_id": sample["id"], "invitation_id": sample["invitation_id"]}

    def _care_of(self, customer: Json) -> Json | None:
        found = self.person.get(f"{CARE}/care-items", customer_id=customer["id"])["items"]
        return found[0] if found else None

    def _list_of_cards(self) -> Json | None:
        answer = self.person.request("POST", f"{ROUTER}/card-lists", headers={"Idempotency-Key": uuid4().hex})
        return dict(answer.json()) if answer.is_success else None

    def _staff(self) -> Json:
        """Somebody who works here, somebody who leaves, a department and a program."""
        stays, leaves = (self._hire(name) for name in ("Stays", "Leaves"))
        body = {"successor_id": self.person.person["id"]}
        leaving = self.admin.post(f"{DIRECTORY}/people/{leaves}/deactivation", body)
        program = self.admin.post(f"{DIRECTORY}/clients", {"name": "Goes", "scopes": ["purchases:write"]})
        return {
            "person_id": stays,
            "leaving_id": leaving["id"],
            "department_id": self.admin.get(f"{DIRECTORY}/departments")["items"][0]["id"],
            "client_id": program["id"],
        }

    def _hire(self, name: str) -> str:
        person = {"login": uuid4().hex, "name": name, "roles": ["agent"], "locale": "en"}
        return str(self.admin.post(f"{DIRECTORY}/people", person)["id"])


def furnish(admin: Caller, vault: Vault) -> None:
    """The demo's departments, people, queues and templates, without its customers."""
    departments.ensure_calendars(admin)
    known = departments.ensure_departments(admin)
    colleagues = people.ensure_colleagues(admin, vault, {key: each["id"] for key, each in known.items()})
    departments.ensure_heads(admin, known, {colleague.login: person for colleague, person in colleagues})
    routing.set_up(admin, colleagues)


def employ(admin: Caller, person: PersonCaller) -> None:
    """Let the person take what comes."""
    abilities = {"skills": [{"skill": "billing", "level": 3}], "capacity": {"mail": 20, "chat": 20}}
    person.get(f"{ROUTER}/desk/snapshot")
    admin.put(f"{ROUTER}/agents/{person.person['id']}/skills", abilities)
    person.put(f"{ROUTER}/desk/presence", {"status": "available"})


def known_key(path: str) -> Any:
    """A key that is there, for a path whose gap is called so."""
    return next((key for start, key in KEYS.items() if path.startswith(start)), None)


def _soon(look: Callable[[], Found | None], what: str) -> Found:
    until = time.monotonic() + SOON_SECONDS
    while time.monotonic() < until:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come")
