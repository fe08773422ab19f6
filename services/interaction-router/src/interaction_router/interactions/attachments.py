"""Files that came with messages: given out as downloads that no browser will run."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request, Response

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import encode
from careline.objects import ObjectNotFoundError, ObjectStore
from careline.problems import NotFound, problem_responses
from interaction_router.desk.endpoints import SCOPE
from interaction_router.ids import AttachmentId
from interaction_router.interactions.access import visible

router = APIRouter(prefix="/v1/attachments", tags=["interactions"], responses=problem_responses(401, 403, 404))
Reader = Annotated[Principal, requires(SCOPE)]
SANDBOX = "sandbox; default-src 'none'"


@router.get("/{attachment_id}", response_class=Response)
async def get_attachment(
    attachment_id: AttachmentId, principal: Reader, connection: ReadConnectionDep, request: Request
) -> Response:
    """Download a file."""
    row = await connection.fetchrow(
        "SELECT a.name, a.object_key, m.interaction_id FROM attachments a JOIN messages m ON m.id = a.message_id "
        "WHERE a.id = $1",
        attachment_id,
    )
    missing = NotFound("attachment", encode("att", attachment_id))
    if row is None:
        raise missing
    try:
        await visible(connection, row["interaction_id"], principal)
    except NotFound:
        raise missing from None
    objects: ObjectStore = request.state.objects
    try:
        content = await objects.get(row["object_key"])
    except ObjectNotFoundError:
        raise missing from None
    return download(content, row["name"])


def download(content: bytes, name: str) -> Response:
    """A file to be saved, not shown."""
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )
