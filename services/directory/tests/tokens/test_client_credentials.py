"""Programs get tokens in their own name."""

import base64

import httpx
import pytest

from careline.ids import encode, new_id
from directory.clients.schemas import PartnerScope

from ..factories import SERVICE_SECRET, Directory, claims_of

GRANT = {"grant_type": "client_credentials"}


class TestServices:
    async def test_by_http_basic(self, directory: Directory) -> None:
        answer = await directory.client.post("/oauth/token", data=GRANT, auth=("router", SERVICE_SECRET))

        assert answer.status_code == 200
        body = answer.json()
        claims = claims_of(body.pop("access_token"), directory.settings)
        assert body == {"token_type": "Bearer", "expires_in": 300, "scope": "profile:read profile:resolve"}
        assert (claims["sub"], claims["kind"], claims["roles"]) == ("router", "service", [])
        assert claims["scope"] == "profile:read profile:resolve"
        assert answer.headers["cache-control"] == "no-store"

    async def test_by_form(self, directory: Directory) -> None:
        form = GRANT | {"client_id": "router", "client_secret": SERVICE_SECRET, "scope": "profile:read"}

        answer = await directory.client.post("/oauth/token", data=form)

        assert answer.json()["scope"] == "profile:read"

    async def test_no_more_than_the_setting_says(self, directory: Directory) -> None:
        answer = await _ask(directory, scope="profile:read people:write")

        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_scope"


class TestPartners:
    async def test_with_the_secret_that_was_shown(self, directory: Directory) -> None:
        client = await _create(directory, ["purchases:write", "interactions:write"])

        answer = await directory.client.post("/oauth/token", data=GRANT, auth=(client["id"], client["secret"]))

        claims = claims_of(answer.json()["access_token"], directory.settings)
        assert (claims["sub"], claims["kind"], claims["name"]) == (client["id"], "client", "Till")
        assert claims["scope"] == "interactions:write purchases:write"

    async def test_a_revoked_one_gets_none(self, directory: Directory) -> None:
        client = await _create(directory, ["purchases:write"])
        await directory.client.delete(f"/v1/clients/{client['id']}", headers=await directory.admin())

        answer = await directory.client.post("/oauth/token", data=GRANT, auth=(client["id"], client["secret"]))

        assert answer.status_code == 401

    async def test_another_clients_secret_opens_nothing(self, directory: Directory) -> None:
        first, second = [await _create(directory, [PartnerScope.PURCHASES_WRITE]) for _ in range(2)]

        answer = await directory.client.post("/oauth/token", data=GRANT, auth=(first["id"], second["secret"]))

        assert answer.status_code == 401


class TestRefusals:
    @pytest.mark.parametrize(
        ("client_id", "secret"),
        [
            ("router", "wrong"),
            ("router", ""),
            ("nobody", SERVICE_SECRET),
            ("", ""),
            # A random id may not name a test: the workers must find the same tests.
            pytest.param(encode("cli", new_id()), "\x00", id="well-formed id"),
            ("cli_x", "ü"),
        ],
    )
    async def test_unknown_clients_look_the_same(self, directory: Directory, client_id: str, secret: str) -> None:
        answer = await directory.client.post("/oauth/token", data=GRANT, auth=(client_id, secret))

        assert answer.status_code == 401
        assert answer.json() == {
            "error": "invalid_client",
            "error_description": "There is no client with this id and secret.",
        }
        assert answer.headers["www-authenticate"].startswith("Basic ")

    @pytest.mark.parametrize(
        "authorization",
        ["Basic", "Basic !!", "Bearer abc", "Basic " + base64.b64encode(b"nocolon").decode(), "Basic /w==", ""],
    )
    async def test_a_broken_header(self, directory: Directory, authorization: str) -> None:
        answer = await directory.client.post("/oauth/token", data=GRANT, headers={"Authorization": authorization})

        assert answer.status_code == 401
        assert answer.json()["error"] == "invalid_client"

    @pytest.mark.parametrize(
        ("form", "error"),
        [
            ("", "invalid_request"),
            ("grant_type=", "invalid_request"),
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=authorization_code", "unsupported_grant_type"),
            ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
            ("grant_type=client_credentials&scope=%20", "invalid_scope"),
            ("grant_type=client_credentials&scope=a&scope=b", "invalid_request"),
            ("grant_type=client_credentials&client_secret=x", "invalid_request"),
            ("grant_type=client_credentials&client_id=care", "invalid_request"),
            ("&".join(f"p{number}=1" for number in range(30)), "invalid_request"),
            ("grant_type=%ff%fe", "unsupported_grant_type"),
        ],
    )
    async def test_what_is_no_request(self, directory: Directory, form: str, error: str) -> None:
        answer = await directory.client.post(
            "/oauth/token",
            content=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            auth=("router", SERVICE_SECRET),
        )

        assert (answer.status_code, answer.json()["error"]) == (400, error)

    async def test_json_is_no_form(self, directory: Directory) -> None:
        answer = await directory.client.post("/oauth/token", json=GRANT, auth=("router", SERVICE_SECRET))

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")

    async def test_bytes_that_are_no_text(self, directory: Directory) -> None:
        answer = await directory.client.post(
            "/oauth/token", content=b"\xff\xfe", headers={"Content-Type": "application/x-www-form-urlencoded"}
        )

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def _ask(directory: Directory, **form: str) -> httpx.Response:
    return await directory.client.post("/oauth/token", data=GRANT | form, auth=("router", SERVICE_SECRET))


async def _create(directory: Directory, scopes: list[str]) -> dict[str, str]:
    answer = await directory.client.post(
        "/v1/clients", json={"name": "Till", "scopes": scopes}, headers=await directory.admin()
    )
    created: dict[str, str] = answer.json()
    return created
