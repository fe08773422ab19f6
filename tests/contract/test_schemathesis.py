"""Generated requests, right and wrong ones, to every operation of every running service, with tokens that may do it.

What must hold of each answer: it is no server error, its status and content are documented, its body is as the
schema says, and what breaks the schema of the request is refused. The requests are the same in every run.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from careline_local.demo.api import Caller, ClientCaller, Json, PersonCaller
from careline_local.system.services import SERVICES, Description
from careline_local.system.system import System
from careline_local.testing.system import running_system
from directory.people.roles import Role, scopes_of

from .known_things import Maker, employ, furnish, known_key

pytestmark = pytest.mark.xdist_group("schemathesis")

EXAMPLES = 8
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
EVERYTHING_OF_PEOPLE = scopes_of(Role)
PARTNER_SCOPES = {"interactions:write", "purchases:write", "imports:write", "complaints:write"}
# What says that nobody got as far as the operation itself.
AT_THE_DOOR = {401, 403, 404}
# Operations that generated requests with things that exist cannot get into, and why.
NOT_REACHED = {
    "POST /v1/session": "takes a password that nobody can generate",
    "GET /v1/session": "takes the cookie of a sign-in",
    "DELETE /v1/session": "takes the cookie of a sign-in",
    "POST /v1/session/token": "takes the cookie of a sign-in",
    "POST /oauth/token": "takes a secret that nobody can generate",
    "GET /v1/invitations/by-token/{token}": "takes a signed link; every other one looks the same",
    "POST /v1/invitations/by-token/{token}/answers": "takes a signed link; every other one looks the same",
    "GET /v1/complaint-words/{token}": "takes a signed link; every other one looks the same",
    "POST /v1/complaint-words/{token}": "takes a signed link; every other one looks the same",
    "GET /v1/unsubscribe/{token}": "takes a signed link; every other one looks the same",
    "POST /v1/unsubscribe/{token}": "takes a signed link; every other one looks the same",
    "POST /v1/offers/{offer_id}/acceptance": "an offer lives for seconds",
    "POST /v1/offers/{offer_id}/refusal": "an offer lives for seconds",
    "GET /v1/attachments/{attachment_id}": "takes a file that came by mail",
    "GET /v1/quarantine/{quarantine_id}/raw": "takes a mail that could not be read",
}


@dataclass
class Callers:
    """Who may do what, and things that there are for them to do it with."""

    person: PersonCaller
    partner: ClientCaller
    services: dict[str, ClientCaller]
    visitor_token: str
    known: Json
    faults: list[str] = field(default_factory=list)
    answered: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def headers_for(self, operation: Any) -> dict[str, str]:
        """The token that an operation asks for."""
        security = operation.definition.raw.get("security") or [{}]
        if "Visitor" in security[0]:
            return {"Authorization": f"Visitor {self.visitor_token}"}
        scopes = set(security[0].get("careline", []))
        if not scopes:
            return {}
        (scope,) = scopes
        caller: Caller = self.person
        if scope in PARTNER_SCOPES:
            caller = self.partner
        elif scope not in EVERYTHING_OF_PEOPLE:
            caller = self.services[scope]
        return {"Authorization": f"Bearer {caller.token()}"}

    def known_of(self, path: str) -> Json:
        """Ids of things that exist, for the gaps of a path."""
        names = self.known | {"key": known_key(path)}
        return {name: value for name, value in names.items() if value and "{" + name + "}" in path}


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with running_system() as system:
        yield system


@pytest.fixture(scope="module")
def callers(system: System) -> Iterator[Callers]:
    origin = system.addresses.public_url
    with ExitStack() as stack:
        admin = stack.enter_context(closing(PersonCaller(origin, "admin", system.vault.password("person admin"))))
        furnish(admin, system.vault)
        everything: Json = {"login": uuid4().hex, "name": "Does Everything", "roles": sorted(set(Role))}
        everything |= {"locale": "en", "password": uuid4().hex}
        admin.post("/api/directory/v1/people", everything)
        person = stack.enter_context(closing(PersonCaller(origin, everything["login"], everything["password"])))
        client = admin.post("/api/directory/v1/clients", {"name": "Fuzz", "scopes": sorted(PARTNER_SCOPES)})
        partner = stack.enter_context(closing(ClientCaller(origin, client["id"], client["secret"])))
        services = {
            scope: stack.enter_context(closing(_service(system, each))) for each in SERVICES for scope in each.scopes
        }
        employ(admin, person)
        visitor = httpx.post(f"{origin}/api/router/v1/visitors", timeout=10).json()
        yield Callers(
            person, partner, services, visitor["token"], Maker(admin, person, partner, visitor, origin).make()
        )


def _service(system: System, service: Description) -> ClientCaller:
    """A service under its own identity."""
    secret = system.vault.password(f"client {service.name}")
    return ClientCaller(system.addresses.public_url, service.name, secret)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_every_answer_is_as_documented(service: Description, system: System, callers: Callers) -> None:
    base_url = f"{system.addresses.public_url}{service.path}"
    document = httpx.get(f"{base_url}/openapi.json", timeout=10).json()
    schema = schemathesis.openapi.from_dict(document)
    callers.faults.clear()
    callers.answered.clear()
    with requests.Session() as session:
        for result in schema.get_all_operations():
            operation: Any = result.ok()  # type: ignore[union-attr]
            for mode in GenerationMode:
                _examine(operation, mode, {}, callers, base_url, session)
            known = callers.known_of(operation.path)
            if known:
                _examine(operation, GenerationMode.POSITIVE, known, callers, base_url, session)
    assert callers.faults == [], "\n".join(callers.faults)
    outside = {label: sorted(answers) for label, answers in callers.answered.items() if answers <= AT_THE_DOOR}
    assert {label: answers for label, answers in outside.items() if label not in NOT_REACHED} == {}


def _examine(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    known: Json,
    callers: Callers,
    base_url: str,
    session: requests.Session,
) -> None:
    """Send generated requests to one operation; what is wrong with the answers is noted, once for each kind."""
    noted: set[str] = set()
    # The token is given, so that no wrong request is wrong for the lack of it only.
    headers = callers.headers_for(operation)
    strategy = operation.as_strategy(generation_mode=mode, path_parameters=known or None, headers=headers or None)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def examine(case: Any) -> None:
        response = case.call(base_url=base_url, session=session, headers=headers)
        callers.answered[operation.label].add(response.status_code)
        try:
            case.validate_response(response, checks=CHECKS)
        except AssertionError as failure:
            _note(failure, noted)
        except BaseExceptionGroup as failures:
            for each in failures.exceptions:
                _note(each, noted)

    try:
        examine()
    except Unsatisfiable:
        # An operation without parameters and body has no wrong requests.
        if mode is not GenerationMode.NEGATIVE:
            raise
    callers.faults.extend(f"{operation.label}, {mode.value}: {text}" for text in sorted(noted))


def _note(failure: BaseException, noted: set[str]) -> None:
    text = " ".join(str(failure).split())
    # An object in a query travels as parameters of other names, which an address may have.
    if not (text.startswith("Schema-violating request accepted") and "- query:" in text and "became object" in text):
        noted.add(text[:600])
