"""Partner clients over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadSessionDep, WriteSessionDep
from careline.pagination import Limit, Page, encode_cursor
from careline.problems import problem_responses
from directory.clients import repository, service
from directory.clients.schemas import Client, ClientId, ClientInput, NewClient
from directory.cursors import id_in

router = APIRouter(prefix="/v1/clients", tags=["clients"], responses=problem_responses(400, 401, 403))

Administrator = Annotated[Principal, requires("clients:write")]


@router.get("")
async def list_clients(
    _: Administrator, session: ReadSessionDep, cursor: str | None = None, limit: Limit = 50
) -> Page[Client]:
    """The clients that can get tokens."""
    after: UUID | None = id_in(cursor) if cursor else None
    rows = list(await repository.page(session, after=after, limit=limit + 1))
    clients = [Client.model_validate(row) for row in rows[:limit]]
    return Page(items=clients, next=encode_cursor(clients[-1].id) if len(rows) > limit else None)


@router.post("", status_code=201)
async def create_client(_: Administrator, body: ClientInput, request: Request, session: WriteSessionDep) -> NewClient:
    """Create a client. Its secret is in this answer and can never be read again."""
    row, secret = await service.create(session, body, service_of(request).clock.now())
    return NewClient(**Client.model_validate(row).model_dump(), secret=secret)


@router.delete("/{client_id}", status_code=204, responses=problem_responses(404))
async def revoke_client(_: Administrator, client_id: ClientId, request: Request, session: WriteSessionDep) -> None:
    """Revoke a client: it gets no more tokens."""
    await service.revoke(session, client_id, service_of(request).clock.now())
