"""Guessing is bounded, over replicas and restarts."""

import asyncio

import pytest

from directory.sessions.attempts import FAILURES_PER_ADDRESS, FAILURES_PER_LOGIN, Counters
from directory.settings import Settings

from ..conftest import Start
from ..factories import CLIENT_ADDRESS, Directory


class TestPerLogin:
    async def test_the_bound_holds_for_the_right_password_too(self, directory: Directory) -> None:
        person = await directory.add_person()
        await _fail(directory, person.login, FAILURES_PER_LOGIN)

        answer = await directory.sign_in(person.login)

        assert answer.status_code == 429
        assert 800 < int(answer.headers["Retry-After"]) <= 900
        assert "set-cookie" not in answer.headers

    async def test_known_and_unknown_meet_it_alike(self, directory: Directory) -> None:
        person = await directory.add_person()

        seen = [
            [(await directory.sign_in(login, "wrong password")).status_code for _ in range(FAILURES_PER_LOGIN + 1)]
            for login in (person.login, "nobody")
        ]

        assert seen[0] == seen[1] == [401] * FAILURES_PER_LOGIN + [429]

    async def test_a_thousand_at_once_are_no_way_round(self, directory: Directory) -> None:
        person = await directory.add_person()

        answers = await asyncio.gather(
            *(directory.sign_in(person.login, "wrong password") for _ in range(FAILURES_PER_LOGIN * 3))
        )

        codes = [answer.status_code for answer in answers]
        assert codes.count(401) == FAILURES_PER_LOGIN
        assert codes.count(429) == FAILURES_PER_LOGIN * 2

    async def test_it_holds_over_replicas(self, settings: Settings, start: Start) -> None:
        async with start(settings) as first, start(settings) as second:
            await _fail(first, "nobody", FAILURES_PER_LOGIN)

            assert (await second.sign_in("nobody")).status_code == 429

    async def test_it_ends_with_its_window(self, directory: Directory) -> None:
        person = await directory.add_person()
        await _fail(directory, person.login, FAILURES_PER_LOGIN + 3)

        directory.clock.advance(minutes=15)

        assert (await directory.sign_in(person.login)).status_code == 200

    async def test_success_forgets_failures(self, directory: Directory) -> None:
        person = await directory.add_person()
        for _ in range(3):
            await _fail(directory, person.login, FAILURES_PER_LOGIN - 1)
            assert (await directory.sign_in(person.login)).status_code == 200

    async def test_others_sign_in_meanwhile(self, directory: Directory) -> None:
        await _fail(directory, "nobody", FAILURES_PER_LOGIN + 1)

        assert (await directory.sign_in((await directory.add_person()).login)).status_code == 200

    async def test_what_was_typed_is_not_kept(self, directory: Directory) -> None:
        await _fail(directory, "hunter2", 1)

        assert b"hunter2" not in b"".join(
            bytes(row["key"]) for row in await directory.fetch("SELECT key FROM sign_in_attempts")
        )


class TestPerAddress:
    async def test_many_logins_from_one_address(self, directory: Directory) -> None:
        await _fill_address(directory, FAILURES_PER_ADDRESS)

        answer = await directory.sign_in((await directory.add_person()).login)

        assert answer.status_code == 429

    async def test_an_office_that_signs_in_is_no_attack(self, directory: Directory) -> None:
        await _fill_address(directory, FAILURES_PER_ADDRESS - 1)
        person = await directory.add_person()

        for _ in range(5):
            assert (await directory.sign_in(person.login)).status_code == 200

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
            ("::ffff:192.0.2.1", "192.0.2.1", True),
            ("192.0.2.1", "192.0.2.2", False),
            ("not an address", None, True),
        ],
    )
    def test_what_counts_as_one_address(self, one: str, other: str | None, *, same: bool) -> None:
        assert (Counters.of("a", one).address == Counters.of("b", other).address) is same


async def _fail(directory: Directory, login: str, times: int) -> None:
    for _ in range(times):
        await directory.sign_in(login, "wrong password")


async def _fill_address(directory: Directory, count: int) -> None:
    """As many failures as `count` logins would leave, without checking that many passwords."""
    await directory.sign_in("nobody", "wrong password")
    key = Counters.of("nobody", CLIENT_ADDRESS).address
    await directory.fetch("UPDATE sign_in_attempts SET count = $2 WHERE key = $1 RETURNING key", key, count)
