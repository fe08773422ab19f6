"""The running system with demo data, and how tests get at it: as its admin, as people hired for one test, by mail."""

import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest

from careline_local.demo import load
from careline_local.demo.api import ClientCaller, Json, PersonCaller
from careline_local.system.system import System
from careline_local.testing.system import running_system
from tests.e2e.mails import PostOffice
from tests.e2e.name_server import NameServer
from tests.e2e.waiting import eventually

ROUTER = "/api/router/v1"
PROFILE = "/api/profile/v1"
DIRECTORY = "/api/directory/v1"
# Short, so that a closed browser is noticed within a test.
GRACE_SECONDS = 2


@dataclass
class Colleague:
    """Somebody who was hired for a test, signed in as a program and ready to sign in on a page."""

    id: str
    name: str
    login: str
    password: str
    locale: str
    api: PersonCaller

    def desk(self) -> Json:
        """Her desk as the router sees it."""
        return self.api.get(f"{ROUTER}/desk/snapshot")

    def offers(self) -> list[Json]:
        """What she is offered now."""
        return list(self.desk()["offers"])

    def go(self, status: str) -> None:
        """Say what she does."""
        self.api.put(f"{ROUTER}/desk/presence", {"status": status})

    def accept(self, offer: Json) -> str:
        """Take an offer; the interaction's id."""
        return str(self.api.post(f"{ROUTER}/offers/{offer['id']}/acceptance", {})["id"])

    def close(self, interaction_id: str, disposition: str = "resolved") -> None:
        """Finish an interaction that she holds."""
        path = f"{ROUTER}/interactions/{interaction_id}"
        if self.api.get(path)["state"] == "active":
            self.api.post(f"{path}/wrap-up", {})
        self.api.post(f"{path}/closure", {"disposition": disposition})

    def finish_everything(self) -> None:
        """Take what is offered and close what is open."""
        for offer in self.offers():
            self.accept(offer)
        for row in self.desk()["interactions"]:
            self.close(row["id"], "reached" if row["channel"] == "phone_task" else "resolved")


@dataclass
class Stack:
    """The system and its surroundings."""

    system: System
    post: PostOffice
    admin: PersonCaller
    partner: ClientCaller
    demo_seconds: float
    demo_lines: list[str]
    _hired: list[Colleague] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Address of the page."""
        return self.system.addresses.public_url

    def hire(
        self,
        name: str,
        skills: Sequence[str] = (),
        *,
        roles: Sequence[str] = ("agent",),
        locale: str = "en",
        mail: int = 5,
        chat: int = 3,
    ) -> Colleague:
        """A colleague of this test alone, who leaves at its end."""
        login, password = f"{uuid4().hex[:12]}", secrets.token_urlsafe(12)
        person = self.admin.post(
            f"{DIRECTORY}/people",
            {"login": login, "name": name, "roles": list(roles), "locale": locale, "password": password},
        )
        abilities = {
            "skills": [{"skill": skill, "level": 3} for skill in skills],
            "capacity": {"mail": mail, "chat": chat},
        }
        self.admin.put(f"{ROUTER}/agents/{person['id']}/skills", abilities)
        api = PersonCaller(self.origin, login, password)
        colleague = Colleague(person["id"], name, login, password, locale, api)
        colleague.desk()
        self._hired.append(colleague)
        return colleague

    def put_queue(
        self, skill: str, *, offer_timeout_seconds: int = 30, priority: int = 0, wrap_up_seconds: int = 60
    ) -> str:
        """A queue of this test alone that asks for one skill; its key is the skill."""
        queue: Json = {
            "name": f"Queue {skill}",
            "required_skills": [{"skill": skill, "level": 1}],
            "channels": [],
            "priority": priority,
            "offer_timeout_seconds": offer_timeout_seconds,
            "wrap_up_seconds": wrap_up_seconds,
        }
        self.admin.put(f"{ROUTER}/queues/{skill}", queue)
        return skill

    def open_matter(self, queue: str, *, subject: str = "A matter", email: str | None = None) -> Json:
        """Let the partner's program bring a matter into a queue."""
        identifier = {"type": "email", "value": email or f"{uuid4().hex[:10]}@customers.example"}
        body = {
            "external_id": uuid4().hex,
            "channel": "partner",
            "queue": queue,
            "customer": {"identifier": identifier},
            "subject": subject,
            "text": f"{subject}, brought by the shop.",
            "occurred_at": "2026-11-20T10:00:00Z",
        }
        return self.partner.post(f"{ROUTER}/interactions", body, key=uuid4().hex)

    def customer_id(self, identifier: str) -> str:
        """The one customer who has an identifier."""
        (found,) = self.admin.get(f"{PROFILE}/lookup", identifier=identifier)["items"]
        return str(found["id"])

    def timeline(self, customer_id: str) -> list[Json]:
        """The newest entries of a customer's timeline."""
        return list(self.admin.get(f"{PROFILE}/customers/{customer_id}/timeline")["items"])

    def waiting(self) -> list[Json]:
        """Everything that waits, and why."""
        answer: Any = self.admin.request("GET", f"{ROUTER}/supervision/waiting").json()
        return list(answer["items"] if isinstance(answer, dict) else answer)

    def forget(self, colleague: Colleague) -> None:
        """Somebody who leaves during the test needs not be let go at its end."""
        self._hired.remove(colleague)
        colleague.api.close()

    async def let_all_go(self) -> None:
        """Whoever was hired finishes and leaves, and nothing is left waiting for the next test."""
        for colleague in self._hired:
            colleague.go("busy")
        for colleague in self._hired:
            colleague.finish_everything()
        await self._close_what_waits()
        successor = self.admin.person["id"]
        for colleague in self._hired:
            self.admin.post(f"{DIRECTORY}/people/{colleague.id}/deactivation", {"successor_id": successor})
            colleague.api.close()
        self._hired.clear()

    async def _close_what_waits(self) -> None:
        if not self.waiting():
            return
        skills = {
            skill["skill"]
            for queue in self.admin.get(f"{ROUTER}/queues")["items"]
            for skill in queue["required_skills"]
        }
        cleaner = self.hire("Cleaner", sorted(skills), mail=50, chat=50)
        cleaner.go("available")

        def nothing_waits() -> bool:
            cleaner.finish_everything()
            # In this order: what has just been offered waits no more.
            return not self.waiting() and not cleaner.offers()

        await eventually(nothing_waits, seconds=15, what="an empty queue")


@contextmanager
def running_stack(*, before_start: Callable[[System], None] = lambda _system: None) -> Iterator[Stack]:
    """Start everything, load the demo data, and stop it afterwards; `before_start` may change settings of the parts."""
    with pytest.MonkeyPatch.context() as environment:
        yield from _run(environment, before_start)


def _run(environment: pytest.MonkeyPatch, change: Callable[[System], None]) -> Iterator[Stack]:
    post: list[PostOffice] = []
    servers: list[NameServer] = []
    lines: list[str] = []

    def before_start(system: System) -> None:
        system.progress._say = lines.append
        post.append(PostOffice(system.greenmail))
        servers.append(NameServer(post[0].records))
        servers[0].start()
        # The launcher hands its own environment on; these are settings that it leaves alone.
        for name, value in _settings(servers[0]).items():
            environment.setenv(name, value)
        change(system)

    with running_system(with_page=True, before_start=before_start) as system:
        environment.undo()
        router = system.service("interaction-router")
        router.environment.update(_settings(servers[0]))
        began = os.times().elapsed
        load(system)
        demo_seconds = os.times().elapsed - began
        admin = PersonCaller(system.addresses.public_url, "admin", system.vault.password("person admin"))
        with closing(admin), closing(_partner(admin, system)) as partner:
            yield Stack(system, post[0], admin, partner, demo_seconds, lines)
        servers[0].stop()


def _settings(server: NameServer) -> dict[str, str]:
    return {
        "ROUTER_DKIM_NAMESERVER": server.address,
        "ROUTER_PRESENCE_GRACE_SECONDS": str(GRACE_SECONDS),
    }


def _partner(admin: PersonCaller, system: System) -> ClientCaller:
    scopes = ["imports:write", "interactions:read", "interactions:write", "purchases:write"]
    client = admin.post(f"{DIRECTORY}/clients", {"name": "Test shop", "scopes": scopes})
    return ClientCaller(system.addresses.public_url, client["id"], client["secret"])
