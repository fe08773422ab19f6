"""Signing in and out."""

import secrets
from datetime import datetime, timedelta
from typing import Final

import structlog

from careline.clock import Clock
from careline.database import Database, WriteConnection
from careline.ids import encode
from careline.problems import TooManyRequests, Unauthenticated
from directory.people import repository as people
from directory.people.passwords import Passwords
from directory.people.schemas import Person
from directory.sessions import attempts, repository
from directory.sessions.attempts import Counters
from directory.sessions.repository import OpenSession
from directory.sessions.schemas import Credentials

SLIDING: Final = timedelta(hours=12)
# However busy somebody is, after a week they sign in anew.
LONGEST: Final = timedelta(days=7)
# The end is moved at most this often: a token is asked for every five minutes, and each move is a write.
EXTEND_AFTER: Final = timedelta(minutes=10)
COOKIE_BYTES: Final = 32

_log = structlog.get_logger("directory.sessions")


class WrongCredentials(Unauthenticated):
    """Login and password do not belong together; which of them is wrong is not told."""

    type_name = "wrong-credentials"
    title = "Login or password is wrong"


async def sign_in(
    database: Database, passwords: Passwords, clock: Clock, credentials: Credentials, *, address: str | None
) -> tuple[str, OpenSession]:
    """A new session and its cookie; WrongCredentials or TooManyRequests otherwise.

    These are three short transactions instead of the request's one: the count must outlive the refusal, and no
    connection waits while the password is checked.
    """
    login, password = credentials.login.strip().lower(), credentials.password.get_secret_value()
    counters = Counters.of(login, address)
    async with database.write_raw() as connection:
        wait_seconds = await attempts.reserve(connection, counters, clock.now())
    if wait_seconds is not None:
        _log.warning("session.refused", reason="too many attempts")
        raise TooManyRequests("Wait, then try again.", headers={"Retry-After": str(wait_seconds)})
    async with database.read() as session:
        person = await people.find_by_login(session, login)
    stored = person.password_hash if person is not None and person.active else None
    if not await passwords.matches(stored, password) or person is None or stored is None:
        _log.warning("session.refused", reason="wrong credentials")
        raise WrongCredentials("Check both and try again.")
    renewed = await passwords.hash(password) if passwords.is_outdated(stored) else None
    now = clock.now()
    cookie = secrets.token_urlsafe(COOKIE_BYTES)
    async with database.write_raw() as connection:
        opened = await repository.open_for(
            connection,
            cookie=cookie,
            person_id=person.id,
            password_hash=stored,
            opened_at=now,
            expires_at=now + SLIDING,
        )
        if not opened:
            raise WrongCredentials("Check both and try again.")
        if renewed is not None:
            await repository.replace_hash(connection, person.id, stored, renewed)
        await attempts.forgive(connection, counters)
    _log.info("session.opened", person=encode("per", person.id))
    return cookie, OpenSession(Person.model_validate(person), now, now + SLIDING)


async def resume(connection: WriteConnection, cookie: str | None, now: datetime) -> OpenSession:
    """The session of `cookie`, its end moved on; Unauthenticated if there is none."""
    found = await repository.find(connection, cookie, now) if cookie else None
    if cookie is None or found is None:
        raise Unauthenticated("Nobody is signed in here.")
    until = min(now + SLIDING, found.opened_at + LONGEST)
    if until - found.expires_at < EXTEND_AFTER:
        return found
    await repository.extend(connection, cookie, until)
    return OpenSession(found.person, found.opened_at, until)


async def sign_out(connection: WriteConnection, cookie: str | None) -> None:
    """End the session of `cookie`, if there is one."""
    person_id = await repository.end(connection, cookie) if cookie else None
    if person_id is not None:
        _log.info("session.closed", person=encode("per", person_id))
