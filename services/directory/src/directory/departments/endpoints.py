"""Departments over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Request

from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadSessionDep, WriteSessionDep
from careline.pagination import Page
from careline.problems import problem_responses
from directory.departments import repository, service
from directory.departments.schemas import Department, DepartmentChange, DepartmentInput
from directory.people.schemas import DepartmentId

router = APIRouter(prefix="/v1/departments", tags=["departments"], responses=problem_responses(400, 401, 403))

Reader = Annotated[Principal, requires("people:read")]
Writer = Annotated[Principal, requires("people:write")]


@router.get("")
async def list_departments(_: Reader, session: ReadSessionDep) -> Page[Department]:
    """All departments by key."""
    rows = await repository.every(session)
    return Page(items=[Department.model_validate(row) for row in rows], next=None)


@router.post("", status_code=201, responses=problem_responses(409))
async def register_department(
    _: Writer, body: DepartmentInput, request: Request, session: WriteSessionDep
) -> Department:
    """Add a department."""
    running = service_of(request)
    row = await service.register(session, running.outbox, body, now=running.clock.now())
    return Department.model_validate(row)


@router.get("/{department_id}", responses=problem_responses(404))
async def get_department(_: Reader, department_id: DepartmentId, session: ReadSessionDep) -> Department:
    """One department."""
    return Department.model_validate(await service.get(session, department_id))


@router.patch("/{department_id}", responses=problem_responses(404, 409))
async def change_department(
    _: Writer, department_id: DepartmentId, body: DepartmentChange, request: Request, session: WriteSessionDep
) -> Department:
    """Change a department; its head must be somebody who is not leaving."""
    running = service_of(request)
    row = await service.change(session, running.outbox, department_id, body, now=running.clock.now())
    return Department.model_validate(row)
