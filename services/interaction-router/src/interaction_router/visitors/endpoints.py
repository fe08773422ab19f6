"""Becoming known as a visitor."""

from fastapi import APIRouter, Request

from careline.ids import new_id
from careline.problems import problem_responses
from interaction_router.unit import units_of
from interaction_router.visitors import rates, repository
from interaction_router.visitors.access import address_of, new_token
from interaction_router.visitors.schemas import NewVisitor

router = APIRouter(prefix="/v1/visitors", tags=["visitors"], responses=problem_responses(429))


@router.post("", status_code=201)
async def register_visitor(request: Request) -> NewVisitor:
    """Become known as a visitor. The page keeps the token; there is no cookie."""
    units = units_of(request)
    now = units.clock.now()
    await rates.take(units.database, rates.NEW_VISITORS, address_of(request), now)
    visitor_id = new_id()
    token, kept = new_token(visitor_id)
    async with units.database.write_raw() as connection:
        await repository.insert(connection, visitor_id, kept, now)
    return NewVisitor(visitor_id=visitor_id, token=token)
