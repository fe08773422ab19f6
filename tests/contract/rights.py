"""The five services in the test's loop, their routes as they are, and callers with any rights."""

import asyncio
import importlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from careline.auth import TokenVerifier
from careline.ids import encode, new_id
from careline.openapi import required_scope
from careline.settings import ServiceSettings, load_settings
from careline.testing.issuer import ISSUER, TestIssuer
from careline_local.system.addresses import Addresses
from careline_local.system.folders import Folders
from careline_local.system.services import SERVICES, Description, environment
from careline_local.system.vault import Vault
from directory.clients.schemas import PartnerScope
from directory.people.roles import ROLE_SCOPES

HEALTH: Final = frozenset({"GET /livez", "GET /readyz", "GET /metrics", "GET /openapi.json"})

# Open to everybody, on purpose. Whatever else asks for no scope fails the test of the routes.
PUBLIC: Final = {
    "directory": HEALTH
    | {
        "POST /v1/session",  # Takes the password.
        "POST /oauth/token",  # Takes a client's secret.
        "GET /.well-known/jwks.json",
        "GET /.well-known/openid-configuration",
    },
    "feedback": HEALTH
    | {
        # The link in a customer's message is the key; every wrong one looks the same.
        "GET /v1/invitations/by-token/{token}",
        "POST /v1/invitations/by-token/{token}/answers",
        "GET /v1/complaint-words/{token}",
        "POST /v1/complaint-words/{token}",
        "POST /v1/complaints/web",  # A form for everybody.
    },
    "interaction-router": HEALTH | {"POST /v1/visitors"},
    # The signed token in the link is the right: whoever got the mail may end such mails.
    "care-scheduler": HEALTH | {"GET /v1/unsubscribe/{token}", "POST /v1/unsubscribe/{token}"},
}
# Opened by the session cookie instead of a token.
COOKIE: Final = {
    "directory": frozenset({"GET /v1/session", "DELETE /v1/session", "POST /v1/session/token"}),
}
# Opened by a visitor's own token.
VISITOR: Final = {
    "interaction-router": frozenset(
        {
            "POST /v1/chats",
            "GET /v1/chats/current",
            "POST /v1/chats/{chat_id}/messages",
            "POST /v1/chats/{chat_id}/phone",
            "POST /v1/chats/{chat_id}/end",
        }
    ),
}
# A socket takes the token in its first frame; this is the scope that it must then carry.
SOCKETS: Final = {
    "interaction-router": {
        "/v1/desk/feed": "desk:use",
        "/v1/supervision/feed": "supervision:read",
        "/v1/chats/{chat_id}/feed": None,
    },
}

# Everybody who can hold a token, and what they can hold: roles, partners, the services of this installation.
CALLERS: Final = {
    **{role.value: scopes for role, scopes in ROLE_SCOPES.items()},
    "partner": frozenset(scope.value for scope in PartnerScope),
    **{service.name: frozenset(service.scopes) for service in SERVICES},
}

EVERYTHING: Final = frozenset().union(*CALLERS.values())

UNAUTHENTICATED: Final = 401
FORBIDDEN: Final = 403
NOT_FOUND: Final = 404
TOKEN_OVER: Final = 4401

# What makes a request whole, so that only the id in its path can be wrong with it.
BODIES: Final[dict[str, object]] = {
    "PATCH /v1/people/{person_id}": {"name": "Somebody"},
    "PATCH /v1/customers/{customer_id}": {"name": "Somebody"},
    "POST /v1/interactions/{interaction_id}/messages": {"kind": "note", "text": "Hello"},
    "PUT /v1/interactions/{interaction_id}/draft": {"kind": "note", "text": "Hello", "version": 0},
    "POST /v1/interactions/{interaction_id}/verification": {"method": "agent_check"},
    "POST /v1/interactions/{interaction_id}/closure": {"disposition": "solved"},
    "POST /v1/supervision/unfinished/{interaction_id}/closure": {"disposition": "solved"},
    "POST /v1/templates/{template_id}/rendering": {"interaction_id": encode("int", new_id())},
    "POST /v1/customers/{customer_id}/identifiers": {"type": "email", "value": "a@customer.example"},
    "POST /v1/customers/{customer_id}/identifiers/{identifier_id}/verification": {"method": "agent_check"},
    "POST /v1/invitations/{invitation_id}/attempts": {"disposition": "NC"},
    "POST /v1/invitations/{invitation_id}/answers": {"answers": {"satisfaction": 5}},
    "POST /v1/complaints/{complaint_id}/acknowledgement": {"by": "phone"},
    "POST /v1/complaints/{complaint_id}/notes": {"text": "Called"},
    "POST /v1/complaints/{complaint_id}/cause": {"code": "other"},
    "POST /v1/complaints/{complaint_id}/decision": {"decision": "upheld"},
    "POST /v1/complaints/{complaint_id}/reply": {"text": "You get a new one."},
    "POST /v1/complaints/{complaint_id}/customer-word": {"word": "accepted"},
    "POST /v1/complaints/{complaint_id}/reopening": {"reason": "Broken again"},
    "POST /v1/complaints/{complaint_id}/customer": {"customer_id": encode("cus", new_id())},
    "POST /v1/complaints/{complaint_id}/owner": {"owner_id": encode("per", new_id()), "reason": "Illness"},
    "POST /v1/complaints/{complaint_id}/handovers": {"to_department": encode("dep", new_id()), "note": "Please"},
    "POST /v1/handover-offers/{handover_id}/bounce": {"reason": "Not ours"},
    "POST /v1/customers/{customer_id}/consents": {
        "purpose": "survey",
        "channel": "mail",
        "state": "granted",
        "source": "phone_call",
    },
    "PUT /v1/customers/{customer_id}/preferences": {"channel": "mail"},
    "PATCH /v1/departments/{department_id}": {"key": "purchasing"},
    "POST /v1/people/{person_id}/deactivation": {"successor_id": encode("per", new_id())},
    "POST /v1/customers/{customer_id}/timeline": {
        "kind": "note",
        "occurred_at": "2026-11-01T09:00:00Z",
        "text": "Called",
    },
}

_PREFIXES: Final = {
    "care_id": "car",
    "agent_id": "per",
    "attachment_id": "att",
    "chat_id": "int",
    "client_id": "cli",
    "complaint_id": "cmp",
    "customer_id": "cus",
    "department_id": "dep",
    "handover_id": "hof",
    "household_id": "hou",
    "identifier_id": "idf",
    "import_id": "imp",
    "interaction_id": "int",
    "invitation_id": "inv",
    "leaving_id": "lve",
    "list_id": "lst",
    "message_id": "msg",
    "offer_id": "off",
    "person_id": "per",
    "quarantine_id": "qua",
    "sample_id": "smp",
    "template_id": "tpl",
}


@dataclass(frozen=True)
class Route:
    """One method on one path, and the scope that it asks for."""

    method: str
    path: str
    scope: str | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names_something(self) -> bool:
        """Whether the path carries the id of a thing."""
        return any(name in _PREFIXES for name in re.findall(r"{(\w+)}", self.path))

    def address(self, **known: str) -> str:
        """The path with ids in it: the known ones, else ids of nothing; keys that people choose become `some-key`."""
        return re.sub(r"{(\w+)}", lambda found: known.get(found[1]) or _id_of_nothing(found[1]), self.path)


def routes_of(app: FastAPI) -> list[Route]:
    """Every route of the application, read from the application itself."""
    return [
        Route(method, route.path or "", required_scope(getattr(route, "dependant", None)))
        for route in iter_route_contexts(app.routes)
        for method in sorted((route.methods or {"WEBSOCKET"}) - {"HEAD"})
    ]


def _id_of_nothing(name: str) -> str:
    return encode(_PREFIXES[name], new_id()) if name in _PREFIXES else "some-key"


@dataclass
class Serving:
    """A running service, and callers for it."""

    name: str
    app: FastAPI
    application: Any
    client: httpx.AsyncClient
    issuer: TestIssuer

    def routes(self) -> list[Route]:
        """All routes but the sockets."""
        return [route for route in routes_of(self.app) if route.method != "WEBSOCKET"]

    def guarded(self) -> Iterator[Route]:
        """The routes that ask for a scope."""
        return (route for route in self.routes() if route.scope is not None)

    def bearer(self, *scopes: str, subject: str | None = None) -> dict[str, str]:
        """The headers of somebody with these scopes."""
        return self.issuer.headers(subject or encode("per", new_id()), scopes=list(scopes))

    async def call(
        self, route: Route, headers: dict[str, str] | None = None, *, body: object = None, **known: str
    ) -> httpx.Response:
        """Call a route; writes get a new Idempotency-Key and whatever version there is."""
        sent = {"Idempotency-Key": str(uuid4()), "If-Match": "*", **(headers or {})}
        return await self.client.request(route.method, route.address(**known), json=body, headers=sent)

    async def close_code(self, path: str, *frames: str) -> int:
        """Open a socket, send the frames and wait until the service closes it."""
        incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in (
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text": text} for text in frames),
        ):
            incoming.put_nowait(message)
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(b"host", b"service.test")],
            "client": ("127.0.0.1", 1),
            "server": ("service.test", 80),
            "scheme": "ws",
            "subprotocols": [],
        }
        running = asyncio.create_task(self.application(scope, incoming.get, outgoing.put))
        try:
            async with asyncio.timeout(5):
                while (message := await outgoing.get())["type"] != "websocket.close":
                    pass
                return int(message.get("code", 1000))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def serving(
    description: Description, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Serving]:
    """The service with the settings of `make run`, but for its issuer, its broker and its mailbox."""
    module = importlib.import_module(f"{description.package}.settings")
    create_app = importlib.import_module(f"{description.package}.app").create_app
    variables = environment(
        description,
        addresses=Addresses.free(),
        folders=Folders(folder),
        vault=Vault(folder / "secrets"),
        database_url=database_url,
    )
    changed = {"TOKEN_ISSUER": ISSUER, "KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    variables |= {f"{description.prefix}{name}": value for name, value in changed.items()}
    left_out = ("_MAIL_", "ROUTER_CLIENT_ID", "_BOOTSTRAP_ADMIN_")
    for name, value in variables.items():
        if not any(part in name for part in left_out):
            monkeypatch.setenv(name, value)
    settings = load_settings(_settings_class(module))
    app: FastAPI = create_app(settings)
    issuer = TestIssuer()
    async with app.router.lifespan_context(app) as state:
        shared = {**(state or {}), "verifier": TokenVerifier(settings, http=issuer.http())}

        async def application(scope: Any, receive: Any, send: Any) -> None:
            await app({**scope, "state": dict(shared)}, receive, send)

        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as client:
            yield Serving(description.name, app, application, client, issuer)
        await shared["verifier"].close()


def only(name: str) -> pytest.MarkDecorator:
    """Run the tests with one service."""
    return pytest.mark.parametrize("description", [each for each in SERVICES if each.name == name], ids=[name])


def others(answers: Mapping[Any, int], expected: int) -> dict[Any, int]:
    """The answers that are not the expected one."""
    return {key: status for key, status in answers.items() if status != expected}


def first_frame(token: str) -> str:
    """What every socket wants to hear first."""
    return json.dumps({"type": "authenticate", "token": token, "after": None})


def _settings_class(module: ModuleType) -> type[ServiceSettings]:
    """The one class of settings that the module defines."""
    (found,) = (
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, ServiceSettings) and value.__module__ == module.__name__
    )
    return found
