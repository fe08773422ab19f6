"""Imports over HTTP."""

from typing import Annotated, cast

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from pydantic import TypeAdapter, ValidationError
from starlette.requests import HTTPConnection

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep, WriteConnectionDep
from careline.problems import InvalidInput, problem_responses
from customer_profile.ids import ImportId
from customer_profile.imports import repository, service
from customer_profile.imports.errors_file import errors_file
from customer_profile.imports.schemas import Job, Kind
from customer_profile.imports.service import Imports, Upload
from customer_profile.purchases.schemas import Source

MAX_UPLOAD_BYTES = 32 * 1024 * 1024

router = APIRouter(prefix="/v1/imports", tags=["imports"])
Importer = Annotated[Principal, requires("imports:write")]

_MAPPING = TypeAdapter(dict[str, str | None])
_FIELDS = frozenset({"file", "kind", "dry_run", "source", "columns"})


async def _imports(connection: HTTPConnection) -> Imports:
    return cast("Imports", connection.state.imports)


ImportsDep = Annotated[Imports, Depends(_imports)]


@router.post("", status_code=202, responses=problem_responses(400, 401, 403, 413))
async def begin_import(
    principal: Importer,
    imports: ImportsDep,
    request: Request,
    file: Annotated[UploadFile, File(description="CSV in UTF-8 or GB18030; the first row names the columns.")],
    kind: Annotated[Kind, Form()],
    dry_run: Annotated[bool, Form(description="Go through everything and keep nothing but the error file.")] = False,
    source: Annotated[Source, Form(description="Whose purchases they are.")] = "import",
    columns: Annotated[
        str,
        Form(description='JSON: header in the file → our field, or null to leave it out: {"Kundin": "name"}.'),
    ] = "{}",
) -> Job:
    """Import customers or purchases in the background. The same file twice changes nothing the second time."""
    for unknown in sorted(set(await request.form()) - _FIELDS):
        raise InvalidInput(unknown, "extra_forbidden", f"Known are {', '.join(sorted(_FIELDS))}.")
    upload = Upload(await file.read(), kind, file.filename, dry_run, source, _mapping(columns))
    return await service.queue(imports, upload, principal.subject)


@router.get("/{import_id}", responses=problem_responses(401, 403, 404))
async def read_import(import_id: ImportId, principal: Importer, connection: ReadConnectionDep) -> Job:
    """How far an import is."""
    return await service.visible(connection, import_id, principal)


@router.post("/{import_id}/pause", responses=problem_responses(401, 403, 404, 409))
async def pause_import(
    import_id: ImportId, principal: Importer, imports: ImportsDep, connection: WriteConnectionDep
) -> Job:
    """Stop after the chunk in hand."""
    return await service.move(imports, connection, import_id, principal, "paused")


@router.post("/{import_id}/resume", responses=problem_responses(401, 403, 404, 409))
async def resume_import(
    import_id: ImportId, principal: Importer, imports: ImportsDep, connection: WriteConnectionDep
) -> Job:
    """Go on after the last row that was taken."""
    return await service.move(imports, connection, import_id, principal, "queued")


@router.post("/{import_id}/cancel", responses=problem_responses(401, 403, 404, 409))
async def cancel_import(
    import_id: ImportId, principal: Importer, imports: ImportsDep, connection: WriteConnectionDep
) -> Job:
    """End it; rows that were taken stay."""
    return await service.move(imports, connection, import_id, principal, "cancelled")


@router.get(
    "/{import_id}/errors",
    response_class=Response,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "row, field, rule, value, hint"},
        **problem_responses(401, 403, 404),
    },
)
async def read_import_errors(import_id: ImportId, principal: Importer, connection: ReadConnectionDep) -> Response:
    """The rows that were not taken so far, as CSV that a spreadsheet can open safely."""
    job = await service.visible(connection, import_id, principal)
    name = f"{job.kind}-errors.csv"
    return Response(
        errors_file(await repository.faults_of(connection, import_id)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _mapping(columns: str) -> dict[str, str | None]:
    try:
        return _MAPPING.validate_json(columns)
    except ValidationError:
        hint = 'Send a JSON object such as {"Kundin": "name", "Notiz": null}.'
        raise InvalidInput("columns", "not a mapping", hint) from None
