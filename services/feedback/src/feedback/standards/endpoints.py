"""Promises, and rules of ownership, over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.problems import problem_responses
from feedback.complaints.states import Kind
from feedback.context import LookDep, WorkDep
from feedback.standards import service
from feedback.standards.schemas import Rule, RuleInput, Rules, Standard, StandardInput, Standards

router = APIRouter(prefix="/v1", tags=["standards"], responses=problem_responses(401, 403))
Manager = Annotated[Principal, requires("complaints:manage")]
Worker = Annotated[Principal, requires("complaints:work")]


@router.get("/standards")
async def list_standards(_: Worker, look: LookDep) -> Standards:
    """What is, was and will be promised, topic by topic."""
    return await service.listed(look)


@router.put("/standards", responses=problem_responses(404, 409))
async def set_standard(principal: Manager, body: StandardInput, work: WorkDep) -> Standard:
    """Promise something. Complaints that are recorded already keep what was promised to them."""
    return await service.promise(work, principal.subject, body)


@router.get("/complaint-rules")
async def list_complaint_rules(_: Worker, look: LookDep) -> Rules:
    """Who owns new complaints, kind by kind."""
    return await service.rules(look)


@router.put("/complaint-rules/{kind}")
async def set_complaint_rule(kind: Kind, _: Manager, body: RuleInput, work: WorkDep) -> Rule:
    """Say who owns new complaints of a kind; those that are recorded already stay where they are."""
    return await service.set_rule(work, kind, body)
