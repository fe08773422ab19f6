"""Who is there: a visitor's token is her id and 256 random bits, of which the database holds a hash."""

import hashlib
import hmac
import secrets
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from fastapi.security import APIKeyHeader
from starlette.requests import HTTPConnection

from careline.app import service_of
from careline.ids import decode, encode
from careline.problems import Problem
from interaction_router.interactions.rows import AnyConnection
from interaction_router.unit import Units, units_of
from interaction_router.visitors import rates, repository

SECRET_BYTES = 32
SCHEME = "Visitor"
MAX_TOKEN_CHARS = 200


class UnknownVisitor(Problem):
    """The token is none of ours, or its visitor was forgotten."""

    status = 401
    type_name = "unknown-visitor"
    title = "Who is there?"

    def __init__(self) -> None:
        """Every wrong token gets the same answer."""
        super().__init__("Take a token of POST /v1/visitors.", headers={"WWW-Authenticate": SCHEME})


def new_token(visitor_id: UUID) -> tuple[str, bytes]:
    """A token for the visitor's page, and what is kept of it."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return f"{encode('vis', visitor_id)}.{secret}", _digest(secret)


async def visitor_of(connection: AnyConnection, token: str, units: Units) -> UUID:
    """The visitor behind a token; raises UnknownVisitor."""
    name, _, secret = token.partition(".")
    try:
        visitor_id = decode("vis", name)
    except ValueError:
        raise UnknownVisitor from None
    kept = await repository.token_hash(connection, visitor_id, units.clock.now())
    if kept is None or not hmac.compare_digest(kept, _digest(secret)):
        raise UnknownVisitor
    return visitor_id


async def authenticate(connection: HTTPConnection) -> UUID:
    """The visitor behind `Authorization: Visitor <token>`."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != SCHEME.lower() or not token or len(token) > MAX_TOKEN_CHARS:
        raise UnknownVisitor
    return await check(connection, token)


async def check(connection: HTTPConnection, token: str) -> UUID:
    """The visitor behind a token. Whoever tries many wrong ones is slowed down."""
    units = units_of(connection)
    try:
        async with units.database.read_raw() as raw:
            return await visitor_of(raw, token, units)
    except UnknownVisitor:
        await rates.take(service_of(connection).database, rates.WRONG_TOKENS, address_of(connection), units.clock.now())
        raise


def address_of(connection: HTTPConnection) -> str:
    """The caller's address as the server knows it."""
    return connection.client.host if connection.client else "unknown"


_header = APIKeyHeader(
    name="Authorization", scheme_name="Visitor", auto_error=False, description="`Visitor <token>` of POST /v1/visitors."
)

VisitorDep = Annotated[UUID, Depends(authenticate, scope="function")]
VisitorHeader: Any = Depends(_header)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
