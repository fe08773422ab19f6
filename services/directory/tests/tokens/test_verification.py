"""The directory's own endpoints trust its own tokens, through its own key set, and no others."""

import json
from time import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from directory.people.roles import Role
from directory.tokens.keys import key_set

from ..conftest import Start
from ..factories import Directory, bearer, make_settings, new_key


class TestGoodTokens:
    async def test_what_it_signs_it_trusts(self, directory: Directory) -> None:
        token = await directory.token_of(await directory.add_person(roles=[Role.ADMIN]))

        assert await _status(directory, token) == 200
        assert await _status(directory, directory.forge()) == 200


class TestBadTokens:
    @pytest.mark.parametrize(
        "claims",
        [
            {"exp": 1},
            {"exp": None},
            {"aud": "another"},
            {"aud": []},
            {"iss": "https://issuer.example"},
            {"sub": ""},
        ],
    )
    async def test_claims_that_are_not_ours(self, directory: Directory, claims: dict[str, Any]) -> None:
        assert await _status(directory, directory.forge(**claims)) == 401

    async def test_just_expired(self, directory: Directory) -> None:
        assert await _status(directory, directory.forge(exp=int(time()) - 30)) == 401

    async def test_signed_by_somebody_else(self, directory: Directory) -> None:
        assert await _status(directory, directory.forge(new_key())) == 401

    async def test_signed_by_somebody_else_under_our_key_id(self, directory: Directory) -> None:
        forged = directory.forge(new_key(), header={"kid": directory.settings.signing_key.kid})

        assert await _status(directory, forged) == 401

    async def test_altered(self, directory: Directory) -> None:
        header, body, signature = directory.forge().split(".")

        assert await _status(directory, f"{header}.{body[:-4]}AAAA.{signature}") == 401

    async def test_unsigned_or_signed_with_our_public_key(self, directory: Directory) -> None:
        key = directory.settings.signing_key
        header, body, _ = directory.forge().split(".")
        public = OctKey.import_key(str(key.as_dict(private=False)["x"]).encode())
        confused = jwt.encode({"alg": "HS256", "kid": key.kid}, _claims(directory), public, algorithms=["HS256"])

        for token in (f"eyJhbGciOiJub25lIn0.{body}.", f"{header}.{body}.", confused, "a.b.c", "nonsense"):
            assert await _status(directory, token) == 401

    async def test_the_cookie_is_no_token(self, directory: Directory) -> None:
        cookie = await directory.session_of(await directory.add_person(roles=[Role.ADMIN]))

        assert (await directory.client.get("/v1/people", headers=cookie)).status_code == 401
        assert await _status(directory, cookie["Cookie"].partition("=")[2]) == 401


class TestKeys:
    async def test_only_public_parts_are_published(self, directory: Directory) -> None:
        answer = await directory.client.get("/.well-known/jwks.json")

        [key] = answer.json()["keys"]
        assert set(key) == {"kty", "crv", "x", "use", "alg", "kid"}
        assert (key["crv"], key["alg"], key["use"]) == ("Ed25519", "Ed25519", "sig")
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert "d" not in key_set(directory.settings.signing_key, [new_key()])["keys"][0]

    async def test_a_rotation_is_seen_and_breaks_no_token(self, database_url: str, start: Start) -> None:
        """The next key is published first; then it signs, and the former is published until its tokens end."""
        former, following = new_key(), new_key()
        before = make_settings(
            database_url, signing_key=_private(former), published_keys=json.dumps([following.as_dict(private=False)])
        )
        after = make_settings(
            database_url, signing_key=_private(following), published_keys=json.dumps([former.as_dict(private=False)])
        )
        async with start(before) as directory:
            old = await directory.token_of(await directory.add_person(roles=[Role.ADMIN]))
            new = directory.forge(following)
            assert await _status(directory, new) == 200
        async with start(after) as directory:
            assert await _status(directory, old) == 200
            assert await _status(directory, new) == 200

    async def test_a_withdrawn_key_is_not_trusted(self, database_url: str, start: Start) -> None:
        former = new_key()
        async with start(make_settings(database_url)) as directory:
            assert await _status(directory, directory.forge(former)) == 401

    async def test_the_issuer_describes_itself(self, directory: Directory) -> None:
        body = (await directory.client.get("/.well-known/openid-configuration")).json()

        assert body["issuer"] == directory.settings.token_issuer
        assert body["token_endpoint"] == "https://care.example/api/directory/oauth/token"
        assert body["jwks_uri"] == "https://care.example/api/directory/.well-known/jwks.json"


async def _status(directory: Directory, token: str) -> int:
    return (await directory.client.get("/v1/clients", headers=bearer(token))).status_code


def _claims(directory: Directory) -> dict[str, object]:
    token = directory.forge()
    return dict(jwt.decode(token, directory.settings.signing_key, algorithms=["Ed25519"]).claims)


def _private(key: OKPKey) -> str:
    return json.dumps(key.as_dict(private=True))
