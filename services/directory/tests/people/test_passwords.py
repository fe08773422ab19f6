"""Passwords are hashed as the cheat sheet of OWASP says, and open the same door from every keyboard."""

from argon2 import PasswordHasher

from ..factories import PASSWORD, PASSWORDS


class TestMatches:
    async def test_right_and_wrong(self) -> None:
        stored = await PASSWORDS.hash(PASSWORD)

        assert await PASSWORDS.matches(stored, PASSWORD)
        assert not await PASSWORDS.matches(stored, PASSWORD + "!")

    async def test_nobody_has_a_password(self) -> None:
        assert not await PASSWORDS.matches(None, PASSWORD)

    async def test_a_broken_hash_opens_nothing(self) -> None:
        assert not await PASSWORDS.matches("$argon2id$broken", PASSWORD)

    async def test_two_keyboards_type_the_same(self) -> None:
        stored = await PASSWORDS.hash("caf\u00e9 \uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44")

        assert await PASSWORDS.matches(stored, "cafe\u0301 password")


class TestOutdated:
    async def test_weaker_parameters_are_seen(self) -> None:
        weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)

        assert PASSWORDS.is_outdated(weak)
        assert not PASSWORDS.is_outdated(await PASSWORDS.hash(PASSWORD))
