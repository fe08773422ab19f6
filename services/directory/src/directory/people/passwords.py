"""Passwords: Argon2id with the parameters that OWASP's cheat sheet gives first, off the event loop."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from careline.problems import Unavailable

MIN_PASSWORD_LENGTH: Final = 12
MAX_PASSWORD_LENGTH: Final = 256

# 19 MiB, two passes, one lane: about 25 ms here. Four at a time keep a crowd at the door within 76 MiB.
MEMORY_KIBIBYTES: Final = 19 * 1024
PASSES: Final = 2
AT_ONCE: Final = 4
MAX_WAITING: Final = 200

T = TypeVar("T")


class Passwords:
    """Hashes and checks passwords. A check takes the same time whether or not there is a hash to check against."""

    def __init__(self) -> None:
        self._hasher = _hasher()
        self._nobodys_hash = _nobodys_hash()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def hash(self, password: str) -> str:
        """The text to keep."""
        return await self._off_the_loop(lambda: self._hasher.hash(_normalised(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`; without a hash the answer is False, after the same work."""
        right = await self._off_the_loop(lambda: self._verify(stored or self._nobodys_hash, _normalised(password)))
        return right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        if self._waiting >= MAX_WAITING:
            raise Unavailable("Too many people sign in at this moment.", retry_after_seconds=5)
        self._waiting += 1
        try:
            async with self._places:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIBIBYTES, parallelism=1)


@cache
def _nobodys_hash() -> str:
    """Made when a process starts, and not at the first wrong name, whose answer would come late."""
    return _hasher().hash(secrets.token_urlsafe())


def _normalised(password: str) -> str:
    """One keyboard's é or 全角 is another's composed sequence; both must open the same door (NIST SP 800-63B)."""
    return unicodedata.normalize("NFKC", password)
