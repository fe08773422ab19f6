"""Makes what the tests of the directory need: settings, people, tokens."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import OKPKey

from careline.ids import encode, new_id
from careline.outbox import Outbox
from careline.testing.issuer import AUDIENCE
from directory.events import CATALOGUE
from directory.people import service as people
from directory.people.models import PersonRow
from directory.people.passwords import Passwords
from directory.people.roles import Role
from directory.people.schemas import PersonInput
from directory.sessions.cookies import COOKIE_NAME
from directory.settings import Settings

PASSWORD = "correct horse battery"
SERVICE_SECRET = "s" * 40
CLIENT_ADDRESS = "192.0.2.77"
PUBLIC_URL = "https://care.example"
PASSWORDS = Passwords()
_HASHES: dict[str, str] = {}


class MovingClock:
    """The machine's clock, moved forward by a test."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, **by: float) -> None:
        self._ahead += timedelta(**by)


def new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", auto_kid=True)


def make_settings(database_url: str, **changed: Any) -> Settings:
    services = {
        "router": {"secret": SERVICE_SECRET, "scopes": ["profile:resolve", "profile:read"]},
        "care": {"secret": SERVICE_SECRET[::-1] + "c", "scopes": []},
    }
    values: dict[str, Any] = {
        "port": 1,
        "database_url": database_url,
        "kafka_bootstrap": "127.0.0.1:1",
        "public_url": PUBLIC_URL,
        "token_issuer": f"{PUBLIC_URL}/api/directory",
        "token_audience": AUDIENCE,
        "token_jwks_url": "http://directory.test/.well-known/jwks.json",
        "signing_key": json.dumps(new_key().as_dict(private=True)),
        "service_clients": json.dumps(services),
        "business_time_movable": True,
    }
    return Settings(**(values | changed))


async def hash_of(password: str) -> str:
    """A hash that signs in with `password`; made once, because making it is meant to be slow."""
    if password not in _HASHES:
        _HASHES[password] = await PASSWORDS.hash(password)
    return _HASHES[password]


@dataclass
class Directory:
    """A running directory and how to speak with it."""

    client: httpx.AsyncClient
    settings: Settings
    clock: MovingClock
    state: dict[str, Any]

    async def add_person(
        self, *, roles: Iterable[Role] = (Role.AGENT,), password: str | None = PASSWORD, login: str | None = None
    ) -> PersonRow:
        person = PersonInput(
            login=login or f"p{secrets.token_hex(6)}", name="李娜 Lina", roles=frozenset(roles), locale="zh-CN"
        )
        password_hash = await hash_of(password) if password else None
        async with self.state["database"].write() as session:
            return await people.register(
                session, Outbox(CATALOGUE), person, password_hash=password_hash, now=self.clock.now()
            )

    async def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        async with self.state["database"].write_raw() as connection:
            return list(await connection.fetch(sql, *arguments))

    async def events(self) -> list[tuple[str, int, dict[str, Any]]]:
        rows = await self.fetch("SELECT type, sequence, payload::text AS payload FROM outbox ORDER BY position")
        return [(row["type"], row["sequence"], json.loads(row["payload"])["data"]) for row in rows]

    async def sign_in(self, login: str, password: str = PASSWORD, **named: Any) -> httpx.Response:
        return await self.client.post("/v1/session", json={"login": login, "password": password}, **named)

    async def session_of(self, person: PersonRow) -> dict[str, str]:
        """The Cookie header of a new session."""
        answer = await self.sign_in(person.login)
        assert answer.status_code == 200, answer.text
        return cookie_header(answer)

    async def token_of(self, person: PersonRow) -> str:
        answer = await self.client.post("/v1/session/token", headers=await self.session_of(person))
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    async def admin(self) -> dict[str, str]:
        """The Authorization header of a new admin."""
        return bearer(await self.token_of(await self.add_person(roles=[Role.ADMIN])))

    async def let_leave(self, person: PersonRow, successor: PersonRow, **fields: Any) -> dict[str, Any]:
        """The leaving that begins."""
        body = {"successor_id": person_id(successor), **fields}
        path = f"/v1/people/{person_id(person)}/deactivation"
        answer = await self.client.post(path, json=body, headers=await self.admin())
        assert answer.status_code == 202, answer.text
        leaving: dict[str, Any] = answer.json()
        return leaving

    def forge(self, key: OKPKey | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token as the directory would sign it, but for what is changed."""
        signing = key or self.settings.signing_key
        body = {
            "iss": self.settings.token_issuer,
            "aud": AUDIENCE,
            "sub": encode("per", new_id()),
            "iat": int(time()),
            "exp": int(time()) + 300,
            "kind": "person",
            "roles": ["admin"],
            "scope": "people:read people:write clients:write",
            **claims,
        }
        given = {"alg": "Ed25519", "kid": signing.kid, **(header or {})}
        return jwt.encode(given, body, signing, algorithms=["Ed25519"])


def cookie_header(answer: httpx.Response) -> dict[str, str]:
    cookie = answer.headers["set-cookie"].partition(";")[0]
    assert cookie.startswith(f"{COOKIE_NAME}=")
    return {"Cookie": cookie}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def claims_of(token: str, settings: Settings) -> dict[str, Any]:
    return dict(jwt.decode(token, settings.signing_key, algorithms=["Ed25519"]).claims)


def person_id(row: PersonRow) -> str:
    return encode("per", row.id)
