"""The measure of things: look-up and purchase with nothing around them, as fast as FastAPI and asyncpg can.

Same tables, same rows written, same answers, same token check; but no layers, one statement without a surrounding
transaction, answers rendered by hand, a verified token remembered by its text. Never slowed: whoever finds a way
to make it faster should.

`python -m bench.bare`, with the environment variables BARE_DATABASE_URL, BARE_PORT and BARE_JWKS_URL.
"""

import hashlib
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import httpx
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request, Response
from joserfc import jwt
from joserfc.jwk import KeySet
from pydantic import BaseModel

from careline.ids import decode, encode, new_id

POOL_SIZE = 8

_LOOK_UP = """
SELECT c.id, c.name, c.tier, c.language, i.type, i.value, i.state
FROM identifiers i JOIN customers c ON c.id = i.customer_id WHERE i.value = $1
"""
_RECORD = """
WITH claimed AS (
    INSERT INTO idempotency_keys (caller, key, fingerprint, status, body) VALUES ($1, $2, $3, 201, $4)
    ON CONFLICT (caller, key) DO NOTHING RETURNING key
), bought AS (
    INSERT INTO purchases (id, customer_id, source, external_id, purchased_at, items, total_minor, currency,
                           recorded_at)
    SELECT $5, $6, $1, $7, $8, $9::jsonb, $10, $11, $12 FROM claimed RETURNING customer_id
), buyer AS (
    UPDATE customers SET version = version + 1, lifecycle = 'customer', updated_at = $12
    FROM bought WHERE customers.id = bought.customer_id RETURNING version
), told AS (
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, sequence, payload, occurred_at)
    SELECT $13, 'customer', $14, 'customer.purchase_recorded', version,
           jsonb_set($15::jsonb, '{sequence}', to_jsonb(lpad(version::text, 20, '0'))), $12
    FROM buyer
), seen AS (
    INSERT INTO timeline_entries (id, customer_id, stated_customer_id, kind, occurred_at, title_key, facts, source,
                                  identity, sequence)
    SELECT $5, $6, $6, 'purchase', $8, 'timeline.purchase.recorded', $16::jsonb, $1, 'verified', 0 FROM bought
)
SELECT count(*) FROM claimed
"""
_REPLAY = "SELECT fingerprint, body FROM idempotency_keys WHERE caller = $1 AND key = $2"


class Item(BaseModel):
    """One line of a purchase."""

    name: str
    quantity: int
    amount_minor: int


class Customer(BaseModel):
    """Who bought."""

    id: str


class Purchase(BaseModel):
    """What is sent."""

    external_id: str
    customer: Customer
    purchased_at: datetime
    items: list[Item]
    total_minor: int
    currency: str


class Bare:
    """What the endpoints share."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    keys: KeySet

    def __init__(self) -> None:
        self._known: dict[str, tuple[float, str, frozenset[str]]] = {}

    def subject(self, authorization: str | None, scope: str) -> str:
        """Who asks; the signature is checked once for each token, its end always."""
        token = (authorization or "")[7:]
        known = self._known.get(token)
        if known is None or known[0] <= time.time():
            known = self._verified(token)
        if scope not in known[2]:
            raise HTTPException(403)
        return known[1]

    def _verified(self, token: str) -> tuple[float, str, frozenset[str]]:
        try:
            claims = jwt.decode(token, self.keys, algorithms=["Ed25519"]).claims
        except ValueError as fault:
            raise HTTPException(401) from fault
        if claims["aud"] != "careline" or claims["exp"] <= time.time():
            raise HTTPException(401)
        known = (float(claims["exp"]), str(claims["sub"]), frozenset(claims["scope"].split()))
        self._known[token] = known
        return known


bare = Bare()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Keys and connections."""
    async with httpx.AsyncClient() as http:
        bare.keys = KeySet.import_key_set((await http.get(os.environ["BARE_JWKS_URL"])).json())
    async with asyncpg.create_pool(
        os.environ["BARE_DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE, reset=_nothing, ssl=False
    ) as bare.pool:
        yield


async def _nothing(_: object) -> None:
    """Skip the query that would reset the connection's session."""


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/readyz")
async def ready() -> Response:
    """The process is up."""
    return Response()


@app.get("/v1/lookup")
async def look_up(identifier: str, authorization: Annotated[str | None, Header()] = None) -> Response:
    """Who has this identifier."""
    bare.subject(authorization, "profile:read")
    if "@" in identifier:
        wanted = identifier.lower()
    else:
        wanted = identifier.replace(" ", "").replace("-", "")
        wanted = wanted if wanted.startswith("+") else f"+86{wanted}"
    rows = await bare.pool.fetch(_LOOK_UP, wanted)
    items = [
        {
            "id": encode("cus", row[0]),
            "name": row[1],
            "tier": row[2],
            "language": row[3],
            "matched": {"type": row[4], "value_shown": f"…{row[5][-4:]}", "state": row[6]},
        }
        for row in rows
    ]
    return Response(json.dumps({"items": items}, ensure_ascii=False), media_type="application/json")


@app.post("/v1/purchases", status_code=201)
async def record(
    body: Purchase,
    request: Request,
    idempotency_key: Annotated[str, Header()],
    authorization: Annotated[str | None, Header()] = None,
) -> Response:
    """Record a purchase once, with its event."""
    caller = bare.subject(authorization, "purchases:write")
    fingerprint = hashlib.sha256(await request.body()).digest()
    purchase_id, customer_id, now = new_id(), decode("cus", body.customer.id), datetime.now(UTC)
    answer, items = _answer(body, purchase_id, caller, now)
    event_id = new_id()
    done = await bare.pool.fetchval(
        _RECORD,
        caller,
        idempotency_key,
        fingerprint,
        answer,
        purchase_id,
        customer_id,
        body.external_id,
        body.purchased_at,
        json.dumps(items, ensure_ascii=False),
        body.total_minor,
        body.currency,
        now,
        event_id,
        body.customer.id,
        _event(body, purchase_id, event_id, caller, now),
        json.dumps({"purchase_id": encode("pur", purchase_id), "total_minor": body.total_minor}),
    )
    if done:
        return Response(answer, 201, media_type="application/json")
    row = await bare.pool.fetchrow(_REPLAY, caller, idempotency_key)
    if row is None or row["fingerprint"] != fingerprint:
        raise HTTPException(422)
    return Response(row["body"], 201, media_type="application/json")


def _answer(body: Purchase, purchase_id: UUID, caller: str, now: datetime) -> tuple[str, list[dict[str, Any]]]:
    items = [{"name": each.name, "quantity": each.quantity, "amount_minor": each.amount_minor} for each in body.items]
    answer = {
        "id": encode("pur", purchase_id),
        "customer_id": body.customer.id,
        "source": caller,
        "external_id": body.external_id,
        "purchased_at": body.purchased_at.isoformat(),
        "items": items,
        "total_minor": body.total_minor,
        "currency": body.currency,
        "recorded_at": now.isoformat(),
    }
    return json.dumps(answer, ensure_ascii=False), items


def _event(body: Purchase, purchase_id: UUID, event_id: UUID, caller: str, now: datetime) -> str:
    return json.dumps(
        {
            "specversion": "1.0",
            "id": str(event_id),
            "source": "/careline/profile",
            "type": "customer.purchase_recorded",
            "subject": body.customer.id,
            "time": now.isoformat(),
            "datacontenttype": "application/json",
            "aggregatetype": "customer",
            "sequence": "",
            "data": {
                "customer_id": body.customer.id,
                "purchase_id": encode("pur", purchase_id),
                "purchased_at": body.purchased_at.isoformat(),
                "total_minor": body.total_minor,
                "currency": body.currency,
                "source": caller,
            },
        }
    )


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["BARE_PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
    )
