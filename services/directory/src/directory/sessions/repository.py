"""SQL about sessions. A session is stored by the hash of its cookie."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from asyncpg import Record

from careline.database import WriteConnection
from directory.people.roles import Role
from directory.people.schemas import Locale, Person

# The person is looked at again, and held, because a deactivation or a new password may have come meanwhile.
_OPEN = """
INSERT INTO sessions (token_hash, person_id, opened_at, expires_at)
SELECT $1, id, $4, $5 FROM people
WHERE id = $2 AND password_hash = $3 AND deactivated_at IS NULL FOR SHARE
RETURNING person_id
"""
_FIND = """
SELECT s.opened_at, s.expires_at, p.id, p.login, p.name, p.locale, p.roles, p.department_id
FROM sessions s JOIN people p ON p.id = s.person_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND p.deactivated_at IS NULL
"""
_EXTEND = "UPDATE sessions SET expires_at = $2 WHERE token_hash = $1"
_END = "DELETE FROM sessions WHERE token_hash = $1 RETURNING person_id"
_PRUNE = "DELETE FROM sessions WHERE expires_at <= $1"
_REHASH = "UPDATE people SET password_hash = $3 WHERE id = $1 AND password_hash = $2"


@dataclass(frozen=True)
class OpenSession:
    """A session that has not ended, and whose it is."""

    person: Person
    opened_at: datetime
    expires_at: datetime


async def open_for(
    connection: WriteConnection,
    *,
    cookie: str,
    person_id: UUID,
    password_hash: str,
    opened_at: datetime,
    expires_at: datetime,
) -> bool:
    """Open a session unless the person has left or has another password by now."""
    row = await connection.fetchrow(_OPEN, _hash(cookie), person_id, password_hash, opened_at, expires_at)
    return row is not None


async def find(connection: WriteConnection, cookie: str, now: datetime) -> OpenSession | None:
    """The session of a cookie."""
    row = await connection.fetchrow(_FIND, _hash(cookie), now)
    return OpenSession(_person(row), row["opened_at"], row["expires_at"]) if row else None


async def extend(connection: WriteConnection, cookie: str, expires_at: datetime) -> None:
    """Let the session last until `expires_at`."""
    await connection.execute(_EXTEND, _hash(cookie), expires_at)


async def end(connection: WriteConnection, cookie: str) -> UUID | None:
    """End the session; whose it was."""
    ended: UUID | None = await connection.fetchval(_END, _hash(cookie))
    return ended


async def replace_hash(connection: WriteConnection, person_id: UUID, old: str, new: str) -> None:
    """Keep the same password under today's parameters."""
    await connection.execute(_REHASH, person_id, old, new)


async def prune(connection: WriteConnection, now: datetime) -> None:
    """Delete sessions that are over."""
    await connection.execute(_PRUNE, now)


def _hash(cookie: str) -> bytes:
    return sha256(cookie.encode(errors="surrogateescape")).digest()


def _person(row: Record) -> Person:
    locale: Locale = row["locale"]
    roles = [Role(role) for role in row["roles"]]
    return Person(
        id=row["id"],
        login=row["login"],
        name=row["name"],
        roles=roles,
        locale=locale,
        department_id=row["department_id"],
        active=True,
        state="active",
    )
