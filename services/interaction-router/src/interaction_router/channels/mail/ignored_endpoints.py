"""Mails that opened nothing: looking at them, and letting them in all the same."""

from datetime import UTC, datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import encode
from careline.objects import ObjectNotFoundError, ObjectStore
from careline.pagination import Page, decode_cursor, encode_cursor
from careline.problems import Conflict, InvalidInput, NotFound, problem_responses
from interaction_router.channels.mail import ignored
from interaction_router.channels.mail.arrivals import Arrivals
from interaction_router.channels.mail.schemas import IgnoredMail, Kind, ReleaseInput
from interaction_router.ids import IgnoredMailId
from interaction_router.interactions.attachments import download
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.unit import Unit, units_of

PAGE = 50
_NEWEST = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))

router = APIRouter(prefix="/v1/ignored-mails", tags=["supervision"], responses=problem_responses(401, 403))
Supervisor = Annotated[Principal, requires("supervision:read")]
RoutingWriter = Annotated[Principal, requires("routing:write")]


class AlreadyReleased(Conflict):
    """Somebody has let it in already."""

    type_name = "already-released"
    title = "The mail was let in already"


@router.get("")
async def list_ignored(
    _: Supervisor,
    connection: ReadConnectionDep,
    kind: Kind | None = None,
    before: Annotated[str | None, Query(max_length=200)] = None,
) -> Page[IgnoredMail]:
    """Mails that opened nothing, newest first; kept for thirty days."""
    found = await ignored.page(connection, kind, _place(before), PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Page(
        items=[_shape(row) for row in found[:PAGE]],
        next=encode_cursor(last["received_at"].isoformat(), last["id"]) if last else None,
    )


@router.get("/{ignored_id}/raw", response_class=Response, responses=problem_responses(404))
async def get_ignored(
    ignored_id: IgnoredMailId, _: Supervisor, connection: ReadConnectionDep, request: Request
) -> Response:
    """The mail as it came, as a download."""
    row = await _found(connection, ignored_id)
    return download(await _content(request, row), "mail.eml")


@router.post("/{ignored_id}/release", responses=problem_responses(404, 409))
async def release_ignored(
    ignored_id: IgnoredMailId, body: ReleaseInput, principal: RoutingWriter, request: Request
) -> IgnoredMail:
    """Take a mail in as a person's; it is routed like any other."""
    units = units_of(request)
    arrivals = cast("Arrivals | None", request.state.arrivals)
    async with units.database.read_raw() as connection:
        row = await _found(connection, ignored_id)
        known = await connection.fetchval("SELECT EXISTS (SELECT FROM queues WHERE key = $1)", body.queue)
    if body.queue is not None and not known:
        raise InvalidInput("queue", "unknown", "Take a key of GET /v1/queues.")
    if arrivals is None:
        raise Conflict("There is no mail channel any more that could take it in.")
    raw = await _content(request, row)

    async def mark(unit: Unit) -> None:
        if not await ignored.release(unit.connection, ignored_id, unit.now, principal.subject):
            raise AlreadyReleased("Look for it among what waits.")

    await arrivals.release(raw, body.queue, mark)
    async with units.database.read_raw() as connection:
        return _shape(await _found(connection, ignored_id))


async def _found(connection: AnyConnection, ignored_id: UUID) -> Row:
    row = await ignored.find(connection, ignored_id)
    if row is None:
        raise NotFound("ignored mail", encode("ign", ignored_id))
    return row


async def _content(request: Request, row: Row) -> bytes:
    objects: ObjectStore = request.state.objects
    try:
        if row["object_key"] is not None:
            return await objects.get(row["object_key"])
    except ObjectNotFoundError:
        pass
    raise NotFound("ignored mail", encode("ign", row["id"]))


def _shape(row: Row) -> IgnoredMail:
    return IgnoredMail(**{**dict(row), "kept": row["object_key"] is not None})


def _place(cursor: str | None) -> tuple[datetime, UUID]:
    if cursor is None:
        return _NEWEST
    try:
        received_at, ignored_id = decode_cursor(cursor, parts=2)
        return datetime.fromisoformat(received_at), UUID(ignored_id)
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(
            "before", "not a cursor of this list", "Take `next` of the page before, unchanged."
        ) from None
