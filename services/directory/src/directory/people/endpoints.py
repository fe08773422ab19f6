"""People over HTTP."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BeforeValidator, SecretStr

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadSessionDep, WriteSessionDep
from careline.pagination import Limit, Page, encode_cursor
from careline.problems import InvalidInput, problem_responses
from directory.cursors import id_in
from directory.people import repository, service
from directory.people.models import PersonRow
from directory.people.roles import ROLE_SCOPES
from directory.people.schemas import Person, PersonChange, PersonId, PersonInput, RoleScopes
from directory.resources import passwords_of

MAX_IDS = 100

router = APIRouter(prefix="/v1", tags=["people"], responses=problem_responses(400, 401, 403))

Reader = Annotated[Principal, requires("people:read")]
Writer = Annotated[Principal, requires("people:write")]


def _split(values: object) -> object:
    """`ids=a&ids=b` and `ids=a,b` mean the same."""
    if isinstance(values, list):
        return [part for value in values for part in (value.split(",") if isinstance(value, str) else [value])]
    return values


Ids = Annotated[list[PersonId] | None, BeforeValidator(_split), Query(max_length=MAX_IDS)]


def _expected_version(
    if_match: Annotated[str | None, Header(description="The ETag that your change is based on.")] = None,
) -> int | None:
    """The version in If-Match; None if the caller does not care."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'"([0-9]{1,18})"', if_match.strip())
    if found is None:
        raise InvalidInput("If-Match", "not an ETag of a person", "Send the ETag that came with the person.")
    return int(found[1])


@router.get("/people")
async def list_people(
    _: Reader, session: ReadSessionDep, ids: Ids = None, cursor: str | None = None, limit: Limit = 50
) -> Page[Person]:
    """People in the order in which they came, or those with the given ids."""
    after = id_in(cursor) if cursor else None
    rows = list(await repository.page(session, ids=ids, after=after, limit=limit + 1))
    more = len(rows) > limit
    people = [Person.model_validate(row) for row in rows[:limit]]
    return Page(items=people, next=encode_cursor(people[-1].id) if more else None)


@router.post("/people", status_code=201, responses=problem_responses(409))
async def register_person(
    _: Writer, body: PersonInput, request: Request, response: Response, session: WriteSessionDep
) -> Person:
    """Register somebody who works here."""
    running = service_of(request)
    password_hash = await _hashed(request, body.password)
    now = running.clock.now()
    return _answer(
        response, await service.register(session, running.outbox, body, password_hash=password_hash, now=now)
    )


@router.get("/people/{person_id}", responses=problem_responses(404))
async def get_person(_: Reader, person_id: PersonId, response: Response, session: ReadSessionDep) -> Person:
    """One person."""
    return _answer(response, await service.get(session, person_id))


@router.patch("/people/{person_id}", responses=problem_responses(404, 409, 412))
async def change_person(
    _: Writer,
    person_id: PersonId,
    body: PersonChange,
    expected_version: Annotated[int | None, Depends(_expected_version)],
    request: Request,
    response: Response,
    session: WriteSessionDep,
) -> Person:
    """Change a person; with If-Match only if nobody else did meanwhile."""
    running = service_of(request)
    row = await service.change(
        session,
        running.outbox,
        person_id,
        body,
        expected_version=expected_version,
        password_hash=await _hashed(request, body.password),
        now=running.clock.now(),
    )
    return _answer(response, row)


@router.get("/roles")
async def list_roles(_: Reader) -> list[RoleScopes]:
    """All roles and what each may do."""
    return [RoleScopes(role=role, scopes=sorted(scopes)) for role, scopes in ROLE_SCOPES.items()]


async def _hashed(request: Request, password: SecretStr | None) -> str | None:
    return await passwords_of(request).hash(password.get_secret_value()) if password else None


def _answer(response: Response, row: PersonRow) -> Person:
    response.headers["ETag"] = f'"{row.version}"'
    return Person.model_validate(row)
