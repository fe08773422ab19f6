"""People over HTTP, and the events that tell of them."""

import asyncio

import pytest

from careline.ids import encode, new_id
from directory.people.roles import ROLE_SCOPES, Role

from ..factories import PASSWORD, Directory, bearer, person_id

NEW = {"login": "wang.fang", "name": "王芳", "roles": ["agent"], "locale": "zh-CN"}


class TestRegister:
    async def test_a_person_is_registered_and_told_of(self, directory: Directory) -> None:
        answer = await directory.client.post("/v1/people", json=NEW, headers=await directory.admin())

        assert answer.status_code == 201
        person = answer.json()
        assert person == {**NEW, "id": person["id"], "department_id": None, "active": True, "state": "active"}
        assert (await directory.events())[-1] == (
            "person.registered",
            1,
            {"person_id": person["id"], "roles": ["agent"], "department_id": None},
        )

    async def test_the_event_names_nobody(self, directory: Directory) -> None:
        await directory.client.post("/v1/people", json=NEW, headers=await directory.admin())

        kept = str(await directory.fetch("SELECT payload::text FROM outbox"))
        assert "王芳" not in kept
        assert "wang.fang" not in kept

    async def test_the_password_is_kept_as_argon2id_only(self, directory: Directory) -> None:
        await directory.client.post("/v1/people", json={**NEW, "password": PASSWORD}, headers=await directory.admin())

        [row] = await directory.fetch("SELECT password_hash FROM people WHERE login = 'wang.fang'")
        assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert (await directory.sign_in("wang.fang")).status_code == 200

    async def test_without_a_password_nobody_signs_in(self, directory: Directory) -> None:
        await directory.client.post("/v1/people", json=NEW, headers=await directory.admin())

        assert (await directory.sign_in("wang.fang")).status_code == 401

    async def test_a_login_belongs_to_one_person(self, directory: Directory) -> None:
        headers = await directory.admin()
        bodies = [NEW, {**NEW, "login": "Wang.Fang"}]

        answers = await asyncio.gather(
            *(directory.client.post("/v1/people", json=body, headers=headers) for body in bodies)
        )

        assert sorted(answer.status_code for answer in answers) == [201, 409]
        refused = next(answer.json() for answer in answers if answer.status_code == 409)
        assert refused["type"] == "urn:careline:problem:login-taken"

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"login": "a b"}, "login"),
            ({"login": "用户"}, "login"),
            ({"name": ""}, "name"),
            ({"name": "a\u0000b"}, "name"),
            ({"roles": []}, "roles"),
            ({"roles": ["root"]}, "roles.0"),
            ({"locale": "fr"}, "locale"),
            ({"password": "short"}, "password"),
            ({"active": False}, "active"),
            ({"id": "per_00000000000000000000000000"}, "id"),
        ],
    )
    async def test_what_is_refused(self, directory: Directory, changed: dict[str, object], field: str) -> None:
        answer = await directory.client.post("/v1/people", json={**NEW, **changed}, headers=await directory.admin())

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
        assert "short" not in answer.text.replace("too_short", "")

    @pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.AUDITOR])
    async def test_only_admins_register(self, directory: Directory, role: Role) -> None:
        token = await directory.token_of(await directory.add_person(roles=[role]))

        answer = await directory.client.post("/v1/people", json=NEW, headers=bearer(token))

        assert answer.status_code == 403


class TestList:
    async def test_pages_follow_one_another(self, directory: Directory) -> None:
        headers = await directory.admin()
        added = [person_id(await directory.add_person(password=None)) for _ in range(4)]

        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            parameters = {"limit": "2", **({"cursor": cursor} if cursor else {})}
            page = (await directory.client.get("/v1/people", params=parameters, headers=headers)).json()
            found += [person["id"] for person in page["items"]]
            cursor = page["next"]

        assert found[1:] == added

    @pytest.mark.parametrize("joined", [True, False])
    async def test_some_by_id(self, directory: Directory, *, joined: bool) -> None:
        headers = await directory.admin()
        first, second, _ = [person_id(await directory.add_person(password=None)) for _ in range(3)]
        ids = f"{first},{second}" if joined else [first, second]

        page = (await directory.client.get("/v1/people", params={"ids": ids}, headers=headers)).json()

        assert [person["id"] for person in page["items"]] == [first, second]

    @pytest.mark.parametrize(
        "parameters",
        [{"cursor": "nonsense"}, {"cursor": "WzFd"}, {"cursor": "W1td"}, {"ids": "cus_1"}, {"limit": "0"}],
    )
    async def test_what_is_refused(self, directory: Directory, parameters: dict[str, str]) -> None:
        answer = await directory.client.get("/v1/people", params=parameters, headers=await directory.admin())

        assert answer.status_code == 422


class TestGet:
    async def test_one_person(self, directory: Directory) -> None:
        person = await directory.add_person(roles=[Role.SUPERVISOR, Role.AGENT])

        answer = await directory.client.get(f"/v1/people/{person_id(person)}", headers=await directory.admin())

        assert answer.json()["roles"] == ["agent", "supervisor"]
        assert answer.headers["etag"] == '"1"'

    async def test_nobody(self, directory: Directory) -> None:
        answer = await directory.client.get(f"/v1/people/{encode('per', new_id())}", headers=await directory.admin())

        assert answer.status_code == 404


class TestChange:
    async def test_roles_change_and_are_told_of(self, directory: Directory) -> None:
        person = await directory.add_person()

        answer = await directory.client.patch(
            f"/v1/people/{person_id(person)}",
            json={"roles": ["supervisor", "agent"]},
            headers=await directory.admin(),
        )

        assert answer.json()["roles"] == ["agent", "supervisor"]
        told = {"person_id": person_id(person), "roles": ["agent", "supervisor"], "department_id": None}
        assert (await directory.events())[-1] == ("person.roles_changed", 2, told)

    async def test_new_rights_are_in_the_next_token(self, directory: Directory) -> None:
        person = await directory.add_person()
        cookie = await directory.session_of(person)
        await directory.client.patch(
            f"/v1/people/{person_id(person)}", json={"roles": ["auditor"]}, headers=await directory.admin()
        )

        token = (await directory.client.post("/v1/session/token", headers=cookie)).json()["access_token"]

        principal = await directory.state["verifier"].verify(token)
        assert principal.scopes == ROLE_SCOPES[Role.AUDITOR]

    async def test_a_name_alone_is_no_event(self, directory: Directory) -> None:
        person = await directory.add_person()
        headers = await directory.admin()
        before = await directory.events()

        answer = await directory.client.patch(
            f"/v1/people/{person_id(person)}", json={"name": "李娜", "roles": ["agent"]}, headers=headers
        )

        assert answer.json()["name"] == "李娜"
        assert await directory.events() == before

    async def test_parallel_changes_number_their_events(self, directory: Directory) -> None:
        person = await directory.add_person()
        headers = await directory.admin()

        answers = await asyncio.gather(
            *(
                directory.client.patch(f"/v1/people/{person_id(person)}", json={"roles": [role]}, headers=headers)
                for role in ("supervisor", "auditor", "agent", "supervisor", "auditor")
            )
        )

        assert {answer.status_code for answer in answers} == {200}
        told = [sequence for kind, sequence, data in await directory.events() if data["person_id"] == person_id(person)]
        assert told == sorted(set(told))

    async def test_a_change_based_on_an_old_version_is_refused(self, directory: Directory) -> None:
        person = await directory.add_person()
        path, headers = f"/v1/people/{person_id(person)}", await directory.admin()
        read = await directory.client.get(path, headers=headers)
        headers |= {"If-Match": read.headers["etag"]}

        first = await directory.client.patch(path, json={"name": "One"}, headers=headers)
        second = await directory.client.patch(path, json={"name": "Two"}, headers=headers)

        assert (first.status_code, second.status_code) == (200, 412)

    async def test_a_new_password_ends_sessions_and_is_the_only_one(self, directory: Directory) -> None:
        person = await directory.add_person()
        cookie = await directory.session_of(person)

        await directory.client.patch(
            f"/v1/people/{person_id(person)}",
            json={"password": "another long password"},
            headers=await directory.admin(),
        )

        assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 401
        assert (await directory.sign_in(person.login)).status_code == 401
        assert (await directory.sign_in(person.login, "another long password")).status_code == 200

    async def test_the_last_admin_stays_admin(self, directory: Directory) -> None:
        admin = await directory.add_person(roles=[Role.ADMIN])
        headers = bearer(await directory.token_of(admin))

        answer = await directory.client.patch(
            f"/v1/people/{person_id(admin)}", json={"roles": ["agent"]}, headers=headers
        )

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:careline:problem:last-admin"

    async def test_an_unknown_field_is_refused(self, directory: Directory) -> None:
        person = await directory.add_person()

        answer = await directory.client.patch(
            f"/v1/people/{person_id(person)}", json={"login": "other"}, headers=await directory.admin()
        )

        assert answer.status_code == 422


class TestRoles:
    async def test_the_table_of_roles(self, directory: Directory) -> None:
        answer = await directory.client.get("/v1/roles", headers=await directory.admin())

        assert {entry["role"]: set(entry["scopes"]) for entry in answer.json()} == ROLE_SCOPES
