"""A service acts for a person with the person's rights and no more."""

from time import time
from typing import Any

import httpx
import pytest

from careline.ids import encode, new_id
from directory.people.roles import ROLE_SCOPES, Role

from ..factories import SERVICE_SECRET, Directory, bearer, claims_of, new_key, person_id

EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
}


class TestExchange:
    async def test_the_person_stays_the_subject_and_the_service_is_the_actor(self, directory: Directory) -> None:
        person = await directory.add_person()
        token = await directory.token_of(person)

        answer = await _exchange(directory, token)

        body = answer.json()
        assert body["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
        claims = claims_of(body["access_token"], directory.settings)
        assert (claims["sub"], claims["kind"], claims["act"]) == (person_id(person), "person", {"sub": "router"})
        assert set(claims["scope"].split()) == ROLE_SCOPES[Role.AGENT]
        assert claims["exp"] <= claims_of(token, directory.settings)["exp"]

    async def test_our_verifier_sees_both(self, directory: Directory) -> None:
        person = await directory.add_person()

        answer = await _exchange(directory, await directory.token_of(person))

        principal = await directory.state["verifier"].verify(answer.json()["access_token"])
        assert (principal.subject, principal.actor) == (person_id(person), "router")

    async def test_a_second_service_is_named_before_the_first(self, directory: Directory) -> None:
        token = await directory.token_of(await directory.add_person())
        once = (await _exchange(directory, token)).json()["access_token"]

        answer = await _exchange(directory, once, client=("care", SERVICE_SECRET[::-1] + "c"))

        claims = claims_of(answer.json()["access_token"], directory.settings)
        assert claims["act"] == {"sub": "care", "act": {"sub": "router"}}

    async def test_fewer_rights_on_request(self, directory: Directory) -> None:
        token = await directory.token_of(await directory.add_person())

        answer = await _exchange(directory, token, scope="profile:read")

        assert answer.json()["scope"] == "profile:read"


class TestRightsNeverGrow:
    @pytest.mark.parametrize("scope", ["people:write", "profile:resolve", "profile:read people:write"])
    async def test_not_by_asking(self, directory: Directory, scope: str) -> None:
        """Neither what the person lacks nor what the service alone has (profile:resolve)."""
        token = await directory.token_of(await directory.add_person())

        answer = await _exchange(directory, token, scope=scope)

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")

    async def test_the_services_own_scopes_are_not_added(self, directory: Directory) -> None:
        token = await directory.token_of(await directory.add_person(roles=[Role.AUDITOR]))

        answer = await _exchange(directory, token)

        assert "profile:resolve" not in answer.json()["scope"]

    async def test_a_narrowed_token_stays_narrow(self, directory: Directory) -> None:
        token = await directory.token_of(await directory.add_person())
        narrow = (await _exchange(directory, token, scope="profile:read")).json()["access_token"]

        assert (await _exchange(directory, narrow)).json()["scope"] == "profile:read"
        assert (await _exchange(directory, narrow, scope="desk:use")).status_code == 400

    async def test_roles_lost_meanwhile_are_lost(self, directory: Directory) -> None:
        person = await directory.add_person(roles=[Role.SUPERVISOR])
        token = await directory.token_of(person)
        await directory.client.patch(
            f"/v1/people/{person_id(person)}", json={"roles": ["agent"]}, headers=await directory.admin()
        )

        answer = await _exchange(directory, token)

        assert set(answer.json()["scope"].split()) == ROLE_SCOPES[Role.AGENT]
        assert claims_of(answer.json()["access_token"], directory.settings)["roles"] == []

    async def test_roles_won_meanwhile_need_a_new_token(self, directory: Directory) -> None:
        person = await directory.add_person()
        token = await directory.token_of(person)
        await directory.client.patch(
            f"/v1/people/{person_id(person)}", json={"roles": ["admin", "agent"]}, headers=await directory.admin()
        )

        answer = await _exchange(directory, token)

        assert set(answer.json()["scope"].split()) == ROLE_SCOPES[Role.AGENT]

    async def test_life_is_not_prolonged(self, directory: Directory) -> None:
        person = await directory.add_person()
        soon = int(time()) + 60
        token = directory.forge(sub=person_id(person), roles=["agent"], scope="desk:use", exp=soon)

        answer = await _exchange(directory, token)

        assert claims_of(answer.json()["access_token"], directory.settings)["exp"] == soon
        assert answer.json()["expires_in"] <= 60


class TestRefusals:
    async def test_a_person_who_left(self, directory: Directory) -> None:
        person = await directory.add_person()
        token = await directory.token_of(person)
        await directory.let_leave(person, await directory.add_person())

        await _is_refused(directory, token, "invalid_grant")

    async def test_nobody(self, directory: Directory) -> None:
        await _is_refused(directory, directory.forge(sub=encode("per", new_id())), "invalid_grant")

    async def test_a_service_is_no_person(self, directory: Directory) -> None:
        form = {"grant_type": "client_credentials"}
        own = await directory.client.post("/oauth/token", data=form, auth=("router", SERVICE_SECRET))

        await _is_refused(directory, own.json()["access_token"], "invalid_grant")

    async def test_a_person_by_another_name(self, directory: Directory) -> None:
        token = directory.forge(sub=person_id(await directory.add_person()), kind="service")

        await _is_refused(directory, token, "invalid_grant")

    async def test_tokens_that_are_none(self, directory: Directory) -> None:
        somebody = person_id(await directory.add_person())

        for token in (
            "nonsense",
            directory.forge(new_key(), sub=somebody),
            directory.forge(sub=somebody, exp=int(time()) - 60),
            directory.forge(sub=somebody, exp=int(time()) - 1),
            directory.forge(sub=somebody, aud="another"),
            directory.forge(sub=somebody, iss="https://issuer.example"),
        ):
            await _is_refused(directory, token, "invalid_grant")

    @pytest.mark.parametrize(
        ("changed", "error"),
        [
            ({"subject_token": ""}, "invalid_request"),
            ({"subject_token_type": ""}, "invalid_request"),
            ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
            ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
            ({"actor_token": "x"}, "invalid_request"),
            ({"audience": "another"}, "invalid_target"),
            ({"resource": "https://api.example"}, "invalid_target"),
        ],
    )
    async def test_what_is_no_exchange(self, directory: Directory, changed: dict[str, str], error: str) -> None:
        token = await directory.token_of(await directory.add_person())

        form: dict[str, Any] = {"subject_token": token} | changed
        answer = await _exchange(directory, **form)

        assert (answer.status_code, answer.json()["error"]) == (400, error)

    async def test_partners_act_for_nobody(self, directory: Directory) -> None:
        headers = await directory.admin()
        created = await directory.client.post(
            "/v1/clients", json={"name": "Till", "scopes": ["purchases:write"]}, headers=headers
        )
        partner = created.json()
        token = headers["Authorization"].removeprefix("Bearer ")

        answer = await _exchange(directory, token, client=(partner["id"], partner["secret"]))

        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")

    async def test_an_exchanged_token_opens_what_the_person_may_and_nothing_else(self, directory: Directory) -> None:
        token = (await _exchange(directory, await directory.token_of(await directory.add_person()))).json()

        headers = bearer(token["access_token"])

        assert (await directory.client.get("/v1/people", headers=headers)).status_code == 200
        assert (await directory.client.get("/v1/clients", headers=headers)).status_code == 403


async def _exchange(
    directory: Directory, subject_token: str, *, client: tuple[str, str] = ("router", SERVICE_SECRET), **form: str
) -> httpx.Response:
    data = EXCHANGE | {"subject_token": subject_token} | form
    return await directory.client.post("/oauth/token", data=data, auth=client)


async def _is_refused(directory: Directory, token: str, error: str) -> None:
    answer = await _exchange(directory, token)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
