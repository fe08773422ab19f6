"""Partner clients over HTTP."""

import base64

import pytest

from careline.ids import encode, new_id
from directory.clients.schemas import PartnerScope
from directory.people.roles import Role

from ..factories import Directory, bearer

NEW = {"name": "Till", "scopes": ["purchases:write"]}


class TestCreate:
    async def test_the_secret_is_shown_once_and_kept_as_a_hash(self, directory: Directory) -> None:
        headers = await directory.admin()

        created = (await directory.client.post("/v1/clients", json=NEW, headers=headers)).json()

        assert len(base64.urlsafe_b64decode(created["secret"] + "=")) == 32
        assert created["id"].startswith("cli_")
        listed = await directory.client.get("/v1/clients", headers=headers)
        assert "secret" not in listed.text
        [row] = await directory.fetch("SELECT secret_hash FROM clients")
        assert created["secret"].encode() not in bytes(row["secret_hash"])

    async def test_two_clients_have_two_secrets(self, directory: Directory) -> None:
        headers = await directory.admin()

        secrets = {
            (await directory.client.post("/v1/clients", json=NEW, headers=headers)).json()["secret"] for _ in range(2)
        }

        assert len(secrets) == 2

    @pytest.mark.parametrize(
        "changed",
        [
            {"scopes": ["people:write"]},
            {"scopes": ["desk:use"]},
            {"scopes": ["profile:resolve"]},
            {"scopes": ["purchases:write people:write"]},
            {"scopes": []},
            {"name": " "},
            {"secret": "chosen"},
        ],
    )
    async def test_what_is_refused(self, directory: Directory, changed: dict[str, object]) -> None:
        answer = await directory.client.post("/v1/clients", json=NEW | changed, headers=await directory.admin())

        assert answer.status_code == 422

    @pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.AUDITOR])
    async def test_only_admins(self, directory: Directory, role: Role) -> None:
        headers = bearer(await directory.token_of(await directory.add_person(roles=[role])))

        assert (await directory.client.post("/v1/clients", json=NEW, headers=headers)).status_code == 403
        assert (await directory.client.get("/v1/clients", headers=headers)).status_code == 403

    def test_a_partner_never_gets_what_people_do(self) -> None:
        forbidden = {"desk:use", "people:read", "people:write", "clients:write", "profile:resolve", "routing:write"}

        assert not forbidden & {scope.value for scope in PartnerScope}


class TestList:
    async def test_pages_without_revoked_ones(self, directory: Directory) -> None:
        headers = await directory.admin()
        ids = [(await directory.client.post("/v1/clients", json=NEW, headers=headers)).json()["id"] for _ in range(3)]
        await directory.client.delete(f"/v1/clients/{ids[1]}", headers=headers)

        first = (await directory.client.get("/v1/clients", params={"limit": 1}, headers=headers)).json()
        rest = await directory.client.get("/v1/clients", params={"limit": 1, "cursor": first["next"]}, headers=headers)

        assert [client["id"] for client in first["items"] + rest.json()["items"]] == [ids[0], ids[2]]
        assert rest.json()["next"] is None


class TestRevoke:
    async def test_once(self, directory: Directory) -> None:
        headers = await directory.admin()
        created = (await directory.client.post("/v1/clients", json=NEW, headers=headers)).json()

        answers = [await directory.client.delete(f"/v1/clients/{created['id']}", headers=headers) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [204, 404]

    async def test_unknown(self, directory: Directory) -> None:
        answer = await directory.client.delete(
            f"/v1/clients/{encode('cli', new_id())}", headers=await directory.admin()
        )

        assert answer.status_code == 404
