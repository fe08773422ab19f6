"""Products over HTTP."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import decode, encode
from careline.pagination import Limit, Page, decode_cursor, encode_cursor
from careline.problems import InvalidInput, problem_responses
from customer_profile.context import WorkDep
from customer_profile.customers.access import existing_customer
from customer_profile.ids import CustomerId
from customer_profile.products import repository, service
from customer_profile.products.schemas import Product, ProductInput
from customer_profile.products.warranty import warranty_state

router = APIRouter(prefix="/v1", tags=["products"])
Reader = Annotated[Principal, requires("profile:read")]
Writer = Annotated[Principal, requires("profile:write")]


@router.post("/products", status_code=201, responses=problem_responses(401, 403, 404))
async def register_product(_: Writer, body: ProductInput, request: Request, work: WorkDep) -> Product:
    """Register a product that a customer owns."""
    return await service.register(work, body, _today(request))


@router.get("/customers/{customer_id}/products", responses=problem_responses(401, 403, 404))
async def read_products(
    customer_id: CustomerId,
    _: Reader,
    request: Request,
    connection: ReadConnectionDep,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[Product]:
    """The products that a customer owns, the last registered first, with their warranty as of today."""
    await existing_customer(connection, customer_id)
    today = _today(request)
    rows = await repository.page(connection, customer_id, _position(cursor), limit)
    items = [Product(**row, warranty_state=warranty_state(row["warranty_ends_on"], today)) for row in rows[:limit]]
    return Page(items=items, next=encode_cursor(encode("pro", items[-1].id)) if len(rows) > limit else None)


def _today(request: Request) -> date:
    """The business day: warranties end on it, whatever the machine's clock says."""
    return service_of(request).business_clock.now().date()


def _position(cursor: str | None) -> CustomerId | None:
    if cursor is None:
        return None
    (id_,) = decode_cursor(cursor, parts=1)
    try:
        return decode("pro", id_)
    except (ValueError, AttributeError):
        raise InvalidInput(
            "cursor", "not a cursor of this list", "Take `next` of the page before, unchanged."
        ) from None
