"""`Idempotency-Key` as draft-ietf-httpapi-idempotency-key-header-07 has it, bound to the caller and the payload.

Key and work share one transaction: a twin that runs at the same time waits on the key's row and then finds either
the answer or nothing at all.

Usage::

    async def record(body: PurchaseInput, once: Idempotency, connection: WriteConnectionDep) -> Purchase:
        return await once.run(connection, principal.subject, lambda: purchases.record(connection, body))
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import asyncpg
from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from careline.database import Transaction
from careline.faults import causes
from careline.problems import Conflict, Problem
from careline.statements import execute, fetch

MAX_KEY_LENGTH = 255
KEPT_FOR_HOURS = 48

Answer = TypeVar("Answer", bound=BaseModel)

_CLAIM = """
INSERT INTO idempotency_keys (caller, key, fingerprint) VALUES ($1, $2, $3)
ON CONFLICT (caller, key) DO NOTHING RETURNING key
"""
_FIND = "SELECT fingerprint, status, body FROM idempotency_keys WHERE caller = $1 AND key = $2"
_KEEP = "UPDATE idempotency_keys SET status = $3, body = $4 WHERE caller = $1 AND key = $2"


class KeyMissing(Problem):
    """The write must be repeatable, so it needs a key."""

    status = 400
    type_name = "idempotency-key-missing"
    title = "Idempotency-Key is missing"


class KeyReused(Problem):
    """The key belongs to another request."""

    status = 422
    type_name = "idempotency-key-reused"
    title = "Idempotency-Key was used for another request"


class StillRunning(Conflict):
    """A request with this key has not ended yet."""

    type_name = "idempotency-key-in-use"
    title = "A request with this Idempotency-Key is still running"


class Replay(Exception):  # noqa: N818 -- no error: the answer that was given before
    """Carries the earlier answer to the edge."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__()
        self.response = Response(body, status, {"Idempotency-Replayed": "true"}, "application/json")


class IdempotentRequest:
    """The key of one request and the fingerprint of what it asks for."""

    def __init__(self, key: str, fingerprint: bytes) -> None:
        self.key = key
        self.fingerprint = fingerprint

    async def run(
        self,
        transaction: Transaction,
        caller: str,
        work: Callable[[], Awaitable[Answer]],
        *,
        status: int = 201,
    ) -> Answer:
        """Do `work` unless this key was used before; then answer as before (Replay), or refuse (KeyReused)."""
        try:
            claimed = await fetch(transaction, _CLAIM, caller, self.key, self.fingerprint)
        except Exception as fault:
            if any(isinstance(cause, asyncpg.LockNotAvailableError) for cause in causes(fault)):
                raise StillRunning("Wait for its answer, then repeat if need be.") from None
            raise
        if not claimed:
            await self.answer_again(transaction, caller)
        answer = await work()
        await execute(transaction, _KEEP, caller, self.key, status, answer.model_dump_json())
        return answer

    async def answer_again(self, transaction: Transaction, caller: str) -> None:
        """Answer as before (Replay), or refuse (KeyReused); for a hot path that claims the key by itself."""
        fingerprint, status, body = (await fetch(transaction, _FIND, caller, self.key))[0]
        if bytes(fingerprint) != self.fingerprint:
            raise KeyReused("Use a new key for a new request; repeat the old one unchanged.")
        raise Replay(status, body)


async def _idempotent_request(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=MAX_KEY_LENGTH, description="A text of your choice that names this write."),
    ] = None,
) -> IdempotentRequest:
    key = (idempotency_key or "").strip().strip('"')
    if not key:
        raise KeyMissing("Send a header 'Idempotency-Key' with a text that names this write, for example a UUID.")
    query = f"?{request.url.query}" if request.url.query else ""
    digest = hashlib.sha256(f"{request.method} {request.url.path}{query}\n".encode())
    digest.update(await request.body())
    return IdempotentRequest(key, digest.digest())


Idempotency = Annotated[IdempotentRequest, Depends(_idempotent_request)]
