"""Partner clients: made, found by their secret, revoked."""

import secrets
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from uuid import UUID

import structlog

from careline.database import ReadSession, WriteSession
from careline.ids import decode, encode, new_id
from careline.problems import NotFound
from directory.clients import repository
from directory.clients.models import ClientRow
from directory.clients.schemas import ClientInput

# 256 random bits cannot be guessed, so one round of SHA-256 keeps them as well as a password hash would.
SECRET_BYTES: Final = 32

_NO_SECRET: Final = bytes(32)

_log = structlog.get_logger("directory.clients")


async def create(session: WriteSession, client: ClientInput, now: datetime) -> tuple[ClientRow, str]:
    """A new client and its secret, which is kept nowhere."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    row = ClientRow(
        id=new_id(),
        name=client.name,
        scopes=sorted(client.scopes),
        secret_hash=hash_secret(secret),
        created_at=now,
        revoked_at=None,
    )
    session.add(row)
    await session.flush()
    _log.info("client.created", client=encode("cli", row.id))
    return row, secret


async def find_by_secret(session: ReadSession, client_id: str, secret: str) -> ClientRow | None:
    """The client, if that is its secret."""
    try:
        row = await repository.find(session, decode("cli", client_id))
    except ValueError:
        row = None
    right = compare_digest(row.secret_hash if row else _NO_SECRET, hash_secret(secret))
    return row if right else None


async def revoke(session: WriteSession, client_id: UUID, now: datetime) -> None:
    """Let the client get no more tokens; those it has end within five minutes."""
    if not await repository.revoke(session, client_id, now):
        raise NotFound("client", encode("cli", client_id))
    _log.info("client.revoked", client=encode("cli", client_id))


def hash_secret(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode(errors="surrogatepass")).digest()
