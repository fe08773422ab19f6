"""A session: looked at, kept alive, ended, exchanged for tokens."""

from time import time

from careline.testing.issuer import AUDIENCE
from directory.people.roles import ROLE_SCOPES, Role

from ..factories import Directory, claims_of, person_id


class TestGet:
    async def test_who_is_signed_in(self, directory: Directory) -> None:
        person = await directory.add_person()

        answer = await directory.client.get("/v1/session", headers=await directory.session_of(person))

        assert answer.json()["id"] == person_id(person)

    async def test_nobody(self, directory: Directory) -> None:
        for headers in ({}, {"Cookie": "careline_session=guess"}, {"Cookie": "careline_session="}):
            assert (await directory.client.get("/v1/session", headers=headers)).status_code == 401

    async def test_it_slides_while_it_is_used(self, directory: Directory) -> None:
        cookie = await directory.session_of(await directory.add_person())

        for _ in range(3):
            directory.clock.advance(hours=11)
            answer = await directory.client.get("/v1/session", headers=cookie)
            assert answer.status_code == 200
            assert "Max-Age=43200" in answer.headers["set-cookie"]

    async def test_it_ends_after_twelve_hours_of_silence(self, directory: Directory) -> None:
        cookie = await directory.session_of(await directory.add_person())

        directory.clock.advance(hours=12, seconds=1)

        assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 401
        assert (await directory.client.post("/v1/session/token", headers=cookie)).status_code == 401

    async def test_it_ends_after_a_week_however_busy(self, directory: Directory) -> None:
        cookie = await directory.session_of(await directory.add_person())

        for _ in range(16):
            directory.clock.advance(hours=10)
            assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 200
        directory.clock.advance(hours=9)

        assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 401


class TestDelete:
    async def test_it_is_over(self, directory: Directory) -> None:
        cookie = await directory.session_of(await directory.add_person())

        answer = await directory.client.delete("/v1/session", headers=cookie)

        assert answer.status_code == 204
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 401

    async def test_other_sessions_go_on(self, directory: Directory) -> None:
        person = await directory.add_person()
        first, second = [await directory.session_of(person) for _ in range(2)]

        await directory.client.delete("/v1/session", headers=first)

        assert (await directory.client.get("/v1/session", headers=second)).status_code == 200

    async def test_nobody(self, directory: Directory) -> None:
        assert (await directory.client.delete("/v1/session")).status_code == 204


class TestToken:
    async def test_a_short_token_with_the_rights_of_the_roles(self, directory: Directory) -> None:
        person = await directory.add_person(roles=[Role.SUPERVISOR])

        answer = await directory.client.post("/v1/session/token", headers=await directory.session_of(person))

        assert answer.json()["expires_in"] == 300
        assert answer.json()["token_type"] == "Bearer"
        claims = claims_of(answer.json()["access_token"], directory.settings)
        assert abs(claims.pop("iat") - time()) < 5
        assert abs(claims.pop("exp") - time() - 300) < 5
        assert claims.pop("jti")
        assert set(claims.pop("scope").split()) == ROLE_SCOPES[Role.SUPERVISOR]
        assert claims == {
            "iss": directory.settings.token_issuer,
            "sub": person_id(person),
            "aud": AUDIENCE,
            "kind": "person",
            "name": person.name,
            "locale": "zh-CN",
            "roles": ["supervisor"],
        }

    async def test_nobody(self, directory: Directory) -> None:
        assert (await directory.client.post("/v1/session/token")).status_code == 401
