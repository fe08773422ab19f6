"""The supervisor's view: live queues, waiting work, agents, quarantine."""

import asyncio
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response, WebSocket

from careline.app import service_of
from careline.auth import Principal, requires, verifier_of
from careline.database import ReadConnectionDep
from careline.ids import encode
from careline.objects import ObjectNotFoundError, ObjectStore
from careline.problems import NotFound, problem_responses
from interaction_router.ids import InteractionId, QuarantineId
from interaction_router.interactions import lifecycle
from interaction_router.interactions.access import viewer_of
from interaction_router.interactions.attachments import download
from interaction_router.interactions.schemas import ClosureInput
from interaction_router.settings import RouterSettings
from interaction_router.sockets import HEARTBEAT_SECONDS, Line, open_line
from interaction_router.supervision import repository, wall_board
from interaction_router.supervision.schemas import (
    QuarantinedMail,
    SupervisionSnapshot,
    UnfinishedWork,
    WaitingWork,
    WallBoard,
)
from interaction_router.unit import UnitDep, Units, units_of

SCOPE = "supervision:read"
LOOK_SECONDS = 1.0

router = APIRouter(prefix="/v1", tags=["supervision"], responses=problem_responses(401, 403))
Supervisor = Annotated[Principal, requires(SCOPE)]
Finisher = Annotated[Principal, requires("interactions:close")]
# The board names nobody, so everybody who works with customers may look at it.
Watcher = Annotated[Principal, requires("board:read")]


@router.get("/supervision/snapshot")
async def get_supervision(_: Supervisor, connection: ReadConnectionDep, request: Request) -> SupervisionSnapshot:
    """Queues, agents and quarantine now."""
    return await repository.snapshot(connection, units_of(request).clock.now())


@router.get("/wall-board")
async def get_wall_board(_: Watcher, connection: ReadConnectionDep, request: Request) -> WallBoard:
    """Waiting, service levels, agents and the last four hours, on one screen."""
    settings: RouterSettings = request.state.settings
    return await wall_board.read(connection, units_of(request).clock.now(), ZoneInfo(settings.day_zone))


@router.get("/supervision/waiting")
async def list_waiting(_: Supervisor, connection: ReadConnectionDep) -> list[WaitingWork]:
    """What waits, longest first, and why."""
    return await repository.waiting(connection)


@router.get("/supervision/unfinished")
async def list_unfinished(_: Supervisor, connection: ReadConnectionDep, request: Request) -> list[UnfinishedWork]:
    """Wrap-ups whose time is over, longest first: until they are closed, no follow-up and no timeline know of them."""
    return await repository.unfinished(connection, units_of(request).clock.now())


@router.post("/supervision/unfinished/{interaction_id}/closure", status_code=204, responses=problem_responses(404, 409))
async def close_unfinished(
    interaction_id: InteractionId, body: ClosureInput, principal: Finisher, unit: UnitDep
) -> None:
    """Say what came of it in its agent's place; 409 before her time for that is over."""
    await lifecycle.close_left(unit, interaction_id, body, viewer_of(principal))


@router.get("/quarantine")
async def list_quarantine(_: Supervisor, connection: ReadConnectionDep) -> list[QuarantinedMail]:
    """Mails that could not be shown to an agent."""
    return await repository.quarantined(connection)


@router.get("/quarantine/{quarantine_id}/raw", response_class=Response, responses=problem_responses(404))
async def get_quarantined(
    quarantine_id: QuarantineId, _: Supervisor, connection: ReadConnectionDep, request: Request
) -> Response:
    """The mail as it came, as a download."""
    key = await repository.quarantined_object(connection, quarantine_id)
    objects: ObjectStore = request.state.objects
    try:
        if key is not None:
            return download(await objects.get(key), "mail.eml")
    except ObjectNotFoundError:
        pass
    raise NotFound("quarantined mail", encode("qua", quarantine_id))


@router.websocket("/supervision/feed")
async def feed(socket: WebSocket) -> None:
    """The snapshot whenever it changes, at most once a second."""
    service = service_of(socket)
    async with open_line(socket) as line:
        principal, _ = await line.authenticate(verifier_of(socket), SCOPE)
        async with asyncio.TaskGroup() as group:
            group.create_task(line.take_renewals(verifier_of(socket), SCOPE, principal.subject))
            group.create_task(line.end_when_due(service.draining))
            group.create_task(_follow(line, units_of(socket)))


async def _follow(line: Line, units: Units) -> None:
    sent: SupervisionSnapshot | None = None
    silent_seconds = 0.0
    while True:
        async with units.database.read_raw() as connection:
            now = await repository.snapshot(connection, units.clock.now())
        if sent is None or _without_time(now) != _without_time(sent):
            await line.send(f'{{"type":"snapshot","data":{now.model_dump_json()}}}')
            sent, silent_seconds = now, 0.0
        elif silent_seconds >= HEARTBEAT_SECONDS:
            await line.send('{"type":"heartbeat"}')
            silent_seconds = 0.0
        await asyncio.sleep(LOOK_SECONDS)
        silent_seconds += LOOK_SECONDS


def _without_time(snapshot: SupervisionSnapshot) -> dict[str, object]:
    """Waits grow by themselves; the page counts them on from `as_of`."""
    return snapshot.model_dump(
        exclude={
            "as_of": True,
            "totals": {"longest_wait_seconds"},
            "queues": {"__all__": {"longest_wait_seconds"}},
        }
    )
