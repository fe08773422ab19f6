"""Signing in."""

import logging
from collections.abc import Awaitable, Callable

import pytest
from argon2 import PasswordHasher, extract_parameters

from directory.people.passwords import Passwords

from ..conftest import Start
from ..factories import (
    CLIENT_ADDRESS,
    PASSWORD,
    PASSWORDS,
    PUBLIC_URL,
    Directory,
    cookie_header,
    make_settings,
    person_id,
)


class TestSignIn:
    async def test_the_person_and_a_guarded_cookie(self, directory: Directory) -> None:
        person = await directory.add_person()

        answer = await directory.sign_in(person.login)

        assert answer.status_code == 200
        assert answer.json() == {
            "id": person_id(person),
            "login": person.login,
            "name": person.name,
            "roles": ["agent"],
            "locale": "zh-CN",
            "department_id": None,
            "active": True,
            "state": "active",
        }
        cookie = answer.headers["set-cookie"]
        _, *attributes = cookie.split("; ")
        assert set(attributes) == {"HttpOnly", "Max-Age=43200", "Path=/api/directory", "SameSite=strict", "Secure"}

    async def test_without_tls_on_one_machine_the_cookie_comes_back(self, database_url: str, start: Start) -> None:
        async with start(make_settings(database_url, public_url="http://127.0.0.1:8080")) as directory:
            answer = await directory.sign_in((await directory.add_person()).login)

        assert "Secure" not in answer.headers["set-cookie"]

    async def test_the_cookie_is_kept_as_a_hash(self, directory: Directory) -> None:
        cookie = (await directory.session_of(await directory.add_person()))["Cookie"].partition("=")[2]

        [row] = await directory.fetch("SELECT token_hash FROM sessions")
        assert len(cookie) == 43
        assert cookie.encode() not in bytes(row["token_hash"])
        assert len(bytes(row["token_hash"])) == 32

    async def test_upper_case_and_spaces_around_the_login(self, directory: Directory) -> None:
        person = await directory.add_person()

        assert (await directory.sign_in(f" {person.login.upper()} ")).status_code == 200

    async def test_signing_in_anew_ends_the_session_before(self, directory: Directory) -> None:
        person = await directory.add_person()
        former = await directory.session_of(person)

        later = cookie_header(await directory.sign_in(person.login, headers=former))

        assert later != former
        assert (await directory.client.get("/v1/session", headers=former)).status_code == 401
        assert (await directory.client.get("/v1/session", headers=later)).status_code == 200

    async def test_an_outdated_hash_is_made_anew(self, directory: Directory) -> None:
        person = await directory.add_person()
        weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
        await directory.fetch("UPDATE people SET password_hash = $1 RETURNING id", weak)

        assert (await directory.sign_in(person.login)).status_code == 200

        [row] = await directory.fetch("SELECT password_hash FROM people")
        assert not PASSWORDS.is_outdated(row["password_hash"])
        assert (await directory.sign_in(person.login)).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE people SET deactivated_at = now() RETURNING id",
            "UPDATE people SET password_hash = '$argon2id$another' RETURNING id",
        ],
    )
    async def test_what_happens_while_the_password_is_checked_counts(self, directory: Directory, change: str) -> None:
        person = await directory.add_person()
        directory.state["passwords"] = _SlowPasswords(lambda: directory.fetch(change))

        assert (await directory.sign_in(person.login)).status_code == 401
        assert await directory.fetch("SELECT 1 FROM sessions") == []


class TestRefusal:
    async def test_unknown_and_wrong_look_the_same(self, directory: Directory) -> None:
        person = await directory.add_person()

        wrong = await directory.sign_in(person.login, "wrong password")
        unknown = await directory.sign_in("nobody", "wrong password")

        assert wrong.status_code == unknown.status_code == 401
        assert "set-cookie" not in wrong.headers
        said = [{**answer.json(), "trace_id": None} for answer in (wrong, unknown)]
        assert said[0] == said[1]

    async def test_nobody_costs_the_same_check_as_somebody(self, directory: Directory) -> None:
        """Counted and not timed: a check is all but a hundredth of the time, and a busy machine cannot blur a count."""
        left = await directory.add_person()
        await directory.fetch("UPDATE people SET deactivated_at = now() RETURNING id")
        wrong, without = await directory.add_person(), await directory.add_person(password=None)
        directory.state["passwords"] = passwords = _CountedPasswords()

        for login in (wrong.login, "nobody", without.login, left.login):
            assert (await directory.sign_in(login, "wrong password")).status_code == 401

        assert len(passwords.checked) == 4
        assert len({str(extract_parameters(stored)) for stored in passwords.checked}) == 1

    @pytest.mark.parametrize(
        "body",
        [
            {"login": "a"},
            {"login": "a", "password": ""},
            {"login": "a", "password": "x" * 257},
            {"login": "a\u0000", "password": "x"},
            {"login": "a", "password": "x", "remember": True},
            {"login": ["a"], "password": "x"},
            [],
        ],
    )
    async def test_what_is_no_pair(self, directory: Directory, body: object) -> None:
        assert (await directory.client.post("/v1/session", json=body)).status_code == 422

    async def test_half_a_surrogate(self, directory: Directory) -> None:
        answer = await directory.client.post(
            "/v1/session",
            content=b'{"login": "\\ud800", "password": "\\ud800"}',
            headers={"Content-Type": "application/json"},
        )

        assert answer.status_code in {401, 422}

    async def test_broken_json(self, directory: Directory) -> None:
        answer = await directory.client.post("/v1/session", content=b"{", headers={"Content-Type": "application/json"})

        assert answer.status_code == 400

    async def test_a_large_body(self, directory: Directory) -> None:
        answer = await directory.client.post("/v1/session", json={"login": "a", "password": "x" * 20_000})

        assert answer.status_code == 413


class TestForeignPages:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://care.example"},
            {"Origin": "https://care.example:8443"},
            {"Origin": "https://care.example.evil.example"},
            {"Origin": "https://care.example:bad"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "cross-site"},
        ],
    )
    async def test_they_are_refused_everywhere(self, directory: Directory, headers: dict[str, str]) -> None:
        person = await directory.add_person()
        cookie = await directory.session_of(person)

        answers = [
            await directory.sign_in(person.login, headers=headers),
            await directory.client.post("/v1/session/token", headers=cookie | headers),
            await directory.client.delete("/v1/session", headers=cookie | headers),
        ]

        assert [answer.status_code for answer in answers] == [403, 403, 403]
        assert {answer.json()["type"] for answer in answers} == {"urn:careline:problem:foreign-origin"}
        assert (await directory.client.get("/v1/session", headers=cookie)).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [{}, {"Origin": PUBLIC_URL}, {"Origin": f"{PUBLIC_URL}:443", "Sec-Fetch-Site": "same-origin"}],
    )
    async def test_our_page_is_not(self, directory: Directory, headers: dict[str, str]) -> None:
        cookie = await directory.session_of(await directory.add_person())

        answer = await directory.client.post("/v1/session/token", headers=cookie | headers)

        assert answer.status_code == 200


class TestLogs:
    async def test_no_login_no_name_no_password_no_address(
        self, directory: Directory, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        person = await directory.add_person(login="unmistakable")
        await directory.sign_in("unmistakable", "wrong password")
        cookie = await directory.session_of(person)
        await directory.client.delete("/v1/session", headers=cookie)

        said = capsys.readouterr().out + caplog.text

        assert person_id(person) in said
        for private in ("unmistakable", person.name, "wrong password", PASSWORD, CLIENT_ADDRESS):
            assert private not in said


class _SlowPasswords(Passwords):
    """Right passwords, but something happens before the answer is there."""

    def __init__(self, meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._meanwhile = meanwhile

    async def matches(self, stored: str | None, password: str) -> bool:
        right = await super().matches(stored, password)
        await self._meanwhile()
        return right


class _CountedPasswords(Passwords):
    """Remembers against which hashes it has checked."""

    def __init__(self) -> None:
        super().__init__()
        self.checked: list[str] = []

    def _verify(self, stored: str, password: str) -> bool:
        self.checked.append(stored)
        return super()._verify(stored, password)
