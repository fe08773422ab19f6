"""Every route x everybody who can hold a token x the id of nothing.

The matrix is generated from the applications themselves: a new route is in it from its first day, and one that asks for
no scope fails here unless it is on an explicit list in `rights.py`.
"""

from typing import Final

import pytest

from careline.ids import encode, new_id
from careline.testing.issuer import TestIssuer
from careline_local.system.services import SERVICES

from .rights import (
    BODIES,
    CALLERS,
    COOKIE,
    EVERYTHING,
    FORBIDDEN,
    HEALTH,
    NOT_FOUND,
    PUBLIC,
    SOCKETS,
    TOKEN_OVER,
    UNAUTHENTICATED,
    VISITOR,
    Route,
    Serving,
    first_frame,
    only,
    others,
    routes_of,
)

EVERY_SERVICE = pytest.mark.parametrize("description", SERVICES, ids=lambda description: description.name)
# Whoever plans the work prepares agents before they first sign in.
MAKES_WHAT_IT_NAMES: Final = {"PUT /v1/agents/{agent_id}/skills"}


@EVERY_SERVICE
class TestRoutes:
    async def test_what_asks_for_no_scope_is_on_a_list(self, served: Serving) -> None:
        open_routes = {str(route) for route in served.routes() if route.scope is None}

        allowed = set(PUBLIC.get(served.name, HEALTH))
        allowed |= COOKIE.get(served.name, set()) | VISITOR.get(served.name, set())
        assert open_routes == allowed

    async def test_every_socket_is_on_a_list(self, served: Serving) -> None:
        sockets = {route.path for route in routes_of(served.app) if route.method == "WEBSOCKET"}

        assert sockets == set(SOCKETS.get(served.name, {}))

    async def test_somebody_has_every_scope(self, served: Serving) -> None:
        obtainable = EVERYTHING

        assert {str(route): route.scope for route in served.guarded() if route.scope not in obtainable} == {}


@EVERY_SERVICE
class TestTokens:
    async def test_none_or_no_good_one(self, served: Serving) -> None:
        subject, everything = encode("per", new_id()), sorted(EVERYTHING)
        headers = {
            "none": {},
            "nonsense": {"Authorization": "Bearer nonsense"},
            "another scheme": {"Authorization": "Basic YTpi"},
            "expired": served.issuer.headers(subject, scopes=everything, lifetime_seconds=-60),
            "another issuer's key": TestIssuer().headers(subject, scopes=everything),
            "another issuer": served.issuer.headers(subject, scopes=everything, iss="https://other.test"),
            "another audience": served.issuer.headers(subject, scopes=everything, aud="other"),
        }

        answers = {
            (str(route), kind): (await served.call(route, given)).status_code
            for route in served.guarded()
            for kind, given in headers.items()
        }

        assert others(answers, UNAUTHENTICATED) == {}

    async def test_all_scopes_but_the_one(self, served: Serving) -> None:
        everything = EVERYTHING

        answers = {
            str(route): (await served.call(route, served.bearer(*(everything - {route.scope})))).status_code
            for route in served.guarded()
        }

        assert others(answers, FORBIDDEN) == {}

    async def test_everybody_gets_what_is_theirs_and_no_more(self, served: Serving) -> None:
        wrong = {}
        for caller, scopes in CALLERS.items():
            for route in served.guarded():
                status = (await served.call(route, served.bearer(*scopes))).status_code
                refused = status in {UNAUTHENTICATED, FORBIDDEN}
                if refused is (route.scope in scopes) or status >= 500:
                    wrong[caller, str(route)] = status

        assert wrong == {}


@EVERY_SERVICE
class TestIds:
    async def test_the_id_of_nothing(self, served: Serving) -> None:
        answers = {
            str(route): (
                await served.call(route, served.bearer(str(route.scope)), body=BODIES.get(str(route)))
            ).status_code
            for route in served.guarded()
            if route.names_something and str(route) not in MAKES_WHAT_IT_NAMES
        }

        assert others(answers, NOT_FOUND) == {}


@only("directory")
class TestCookie:
    async def test_without_it_nobody_is_signed_in(self, served: Serving) -> None:
        for path in ("GET /v1/session", "POST /v1/session/token"):
            method, _, address = path.partition(" ")
            for headers in ({}, {"Cookie": "careline_session=guess"}, served.bearer("people:write")):
                answer = await served.client.request(method, address, headers=headers)
                assert answer.status_code == UNAUTHENTICATED, path


@only("interaction-router")
class TestSockets:
    async def test_nobody_and_whoever_lacks_the_scope(self, served: Serving) -> None:
        everything = EVERYTHING
        codes: dict[tuple[str, str], int | None] = {}
        for path, scope in SOCKETS[served.name].items():
            token = served.bearer(*(everything - {scope}))["Authorization"].split()[1]
            address = Route("WEBSOCKET", path, scope).address()
            codes |= {(path, said): await served.close_code(address, first_frame(said)) for said in ("nonsense", token)}

        assert set(codes.values()) == {TOKEN_OVER}, codes
