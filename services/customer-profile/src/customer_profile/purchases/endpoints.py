"""Purchases over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Response
from starlette.requests import HTTPConnection

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.idempotency import Idempotency
from careline.pagination import Limit, Page
from careline.problems import problem_responses
from customer_profile.customers.access import existing_customer
from customer_profile.ids import CustomerId
from customer_profile.positions import position, position_cursor
from customer_profile.purchases import repository
from customer_profile.purchases.schemas import Purchase, PurchaseInput
from customer_profile.purchases.service import Purchases

router = APIRouter(prefix="/v1", tags=["purchases"])
Reader = Annotated[Principal, requires("profile:read")]
Shop = Annotated[Principal, requires("purchases:write")]


async def _purchases(connection: HTTPConnection) -> Purchases:
    return cast("Purchases", connection.state.purchases)


@router.post(
    "/purchases",
    status_code=201,
    response_model=Purchase,
    responses={
        200: {"model": Purchase, "description": "It was recorded before, under another key"},
        **problem_responses(400, 401, 403, 409),
    },
)
async def record_purchase(
    principal: Shop, once: Idempotency, body: PurchaseInput, purchases: Annotated[Purchases, Depends(_purchases)]
) -> Response:
    """Record a purchase once; an unknown buyer becomes a customer."""
    recorded = await purchases.record(body, principal.subject, once)
    return Response(recorded.body, 201 if recorded.created else 200, media_type="application/json")


@router.get("/customers/{customer_id}/purchases", responses=problem_responses(401, 403, 404))
async def read_purchases(
    customer_id: CustomerId,
    _: Reader,
    connection: ReadConnectionDep,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[Purchase]:
    """What the customer bought, newest first."""
    await existing_customer(connection, customer_id)
    rows = await repository.page(connection, customer_id, after=position("pur", cursor), limit=limit)
    items = [Purchase(**row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next=position_cursor("pur", last.purchased_at, last.id) if last else None)
