"""The care matrix over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from care_scheduler.gates import repository as gates
from care_scheduler.matrix import repository, service
from care_scheduler.matrix.schemas import CapRule, Caps, CapsInput, CellInput, CellOutput, Matrix
from care_scheduler.versions import IfMatch, check_match, etag
from careline.app import service_of
from careline.auth import Principal, requires
from careline.database import ReadConnectionDep, WriteConnectionDep
from careline.problems import problem_responses

router = APIRouter(prefix="/v1", tags=["matrix"], responses=problem_responses(401, 403))
Reader = Annotated[Principal, requires("care:read")]
Writer = Annotated[Principal, requires("care:write")]
Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@router.get("/matrix")
async def read_matrix(_: Reader, connection: ReadConnectionDep) -> Matrix:
    """How each tier is cared for on each occasion."""
    rows = await repository.newest(connection)
    return Matrix(items=[service.shown(repository.cell_of(row), row["changed_by"], row["changed_at"]) for row in rows])


@router.put("/matrix/{tier}/{occasion}", responses=problem_responses(404, 412, 428))
async def put_cell(
    tier: Key,
    occasion: Key,
    body: CellInput,
    principal: Writer,
    connection: WriteConnectionDep,
    request: Request,
    response: Response,
    if_match: IfMatch = None,
) -> CellOutput:
    """Change how a tier is cared for on an occasion. What is due afterwards follows it; If-Match is the version."""
    now = service_of(request).business_clock.now()
    cell = await service.put(connection, tier, occasion, body, if_match, principal.subject, now)
    response.headers["ETag"] = etag(cell.version)
    return cell


@router.get("/caps")
async def read_caps(_: Reader, connection: ReadConnectionDep, response: Response) -> Caps:
    """How often a customer may be contacted unasked; the ETag is needed to change it."""
    response.headers["ETag"] = etag(await gates.caps_version(connection))
    return Caps(items=[CapRule(days=cap.days, at_most=cap.at_most) for cap in await gates.caps(connection)])


@router.put("/caps", responses=problem_responses(412, 428))
async def put_caps(
    body: CapsInput, _: Writer, connection: WriteConnectionDep, response: Response, if_match: IfMatch = None
) -> Caps:
    """Change how often a customer may be contacted; who was contacted more often before stays as it is."""
    check_match(if_match, await gates.lock_caps(connection))
    response.headers["ETag"] = etag(await gates.replace_caps(connection, [(it.days, it.at_most) for it in body.items]))
    return Caps(items=sorted(body.items, key=lambda rule: rule.days))
