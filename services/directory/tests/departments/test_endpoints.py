"""Departments, their heads, and who works in them."""

from typing import Any

import asyncpg
import pytest

from careline.ids import encode, new_id
from directory.people.roles import Role

from ..factories import Directory, bearer, person_id

NEW = {"key": "purchasing", "name": {"zh-CN": "采购", "en": "Purchasing"}}


async def add(directory: Directory, **fields: Any) -> dict[str, Any]:
    answer = await directory.client.post("/v1/departments", json={**NEW, **fields}, headers=await directory.admin())
    assert answer.status_code == 201, answer.text
    department: dict[str, Any] = answer.json()
    return department


class TestDepartments:
    async def test_registered_listed_and_told_of(self, directory: Directory) -> None:
        head = person_id(await directory.add_person())
        department = await add(directory, head_id=head)

        assert department == {**NEW, "id": department["id"], "head_id": head}
        headers = await directory.admin()
        page = (await directory.client.get("/v1/departments", headers=headers)).json()
        assert page == {"items": [department], "next": None}
        told = {"department_id": department["id"], "key": "purchasing", "head_id": head}
        assert ("department.registered", 1, told) in await directory.events()
        assert "采购" not in str(await directory.fetch("SELECT payload::text FROM outbox"))

    async def test_changed(self, directory: Directory) -> None:
        department = await add(directory)
        head = person_id(await directory.add_person())
        path, headers = f"/v1/departments/{department['id']}", await directory.admin()
        changed = await directory.client.patch(path, json={"head_id": head}, headers=headers)
        assert changed.json() == {**department, "head_id": head}
        assert (await directory.client.get(path, headers=headers)).json() == changed.json()
        assert (await directory.client.patch(path, json={"head_id": None}, headers=headers)).json() == department
        told = [event[:2] for event in await directory.events() if event[0].startswith("department")]
        assert told == [("department.registered", 1), ("department.changed", 2), ("department.changed", 3)]

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"key": "Not a key"}, "key"),
            ({"name": {"en": "Only"}}, "name.zh-CN"),
            ({"name": {"zh-CN": "一", "en": "One", "fr": "Un"}}, "name.fr"),
            ({"head_id": encode("per", new_id())}, "head_id"),
            ({"size": 3}, "size"),
        ],
    )
    async def test_what_is_refused(self, directory: Directory, changed: dict[str, object], field: str) -> None:
        body = {**NEW, **changed}
        answer = await directory.client.post("/v1/departments", json=body, headers=await directory.admin())
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field

    async def test_keys_are_unique(self, directory: Directory) -> None:
        await add(directory)
        answer = await directory.client.post("/v1/departments", json=NEW, headers=await directory.admin())
        assert answer.status_code == 409

    async def test_nobody_who_leaves_becomes_a_head(self, directory: Directory) -> None:
        leaver, successor = await directory.add_person(), await directory.add_person()
        department = await add(directory)
        await directory.let_leave(leaver, successor)
        path = f"/v1/departments/{department['id']}"
        body = {"head_id": person_id(leaver)}
        answer = await directory.client.patch(path, json=body, headers=await directory.admin())
        assert answer.status_code == 422
        with pytest.raises(asyncpg.CheckViolationError):
            await directory.fetch("UPDATE departments SET head_id = $1 RETURNING id", leaver.id)

    async def test_others_only_read(self, directory: Directory) -> None:
        headers = bearer(await directory.token_of(await directory.add_person(roles=[Role.SUPERVISOR])))
        assert (await directory.client.get("/v1/departments", headers=headers)).status_code == 200
        assert (await directory.client.post("/v1/departments", json=NEW, headers=headers)).status_code == 403


class TestMembers:
    async def test_a_person_moves_and_it_is_told_of(self, directory: Directory) -> None:
        department = (await add(directory))["id"]
        headers = await directory.admin()
        body = {"login": "zhaolei", "name": "赵磊", "roles": ["colleague"], "locale": "zh-CN"}
        new = await directory.client.post("/v1/people", json={**body, "department_id": department}, headers=headers)
        assert new.json()["department_id"] == department
        path = f"/v1/people/{new.json()['id']}"
        change = {"department_id": None, "roles": ["department_head"]}
        assert (await directory.client.patch(path, json=change, headers=headers)).json()["department_id"] is None
        person = {"person_id": new.json()["id"]}
        assert [event for event in await directory.events() if event[2].get("person_id") == new.json()["id"]] == [
            ("person.registered", 1, {**person, "roles": ["colleague"], "department_id": department}),
            ("person.department_changed", 2, {**person, "department_id": None}),
            ("person.roles_changed", 3, {**person, "roles": ["department_head"], "department_id": None}),
        ]
        assert (await directory.client.get(path, headers=headers)).headers["etag"] == '"3"'

    async def test_unknown_department(self, directory: Directory) -> None:
        body = {"login": "zhaolei", "name": "赵磊", "roles": ["colleague"], "locale": "zh-CN"}
        body["department_id"] = encode("dep", new_id())
        answer = await directory.client.post("/v1/people", json=body, headers=await directory.admin())
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "department_id"
