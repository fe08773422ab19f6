"""The agent's desk: snapshot, feed, presence, settings."""

import asyncio
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, WebSocket

from careline.app import service_of
from careline.auth import Principal, requires, verifier_of
from careline.database import ReadConnectionDep
from careline.ids import decode
from careline.problems import Forbidden, problem_responses
from interaction_router.agents import presence
from interaction_router.agents import repository as agents
from interaction_router.agents.rows import read_agent
from interaction_router.agents.schemas import Agent, PresenceInput
from interaction_router.desk import snapshot
from interaction_router.desk.feed import DeskFeed
from interaction_router.desk.schemas import DeskSettings, Snapshot
from interaction_router.settings import RouterSettings
from interaction_router.sockets import TOKEN_OVER, Line, LineClosedError, open_line
from interaction_router.unit import UnitDep, Units, units_of

SCOPE = "desk:use"

router = APIRouter(prefix="/v1/desk", tags=["desk"], responses=problem_responses(401, 403))
DeskUser = Annotated[Principal, requires(SCOPE)]


def agent_id_of(principal: Principal) -> UUID:
    """The agent behind a token; programs have no desk."""
    try:
        return decode("per", principal.subject)
    except ValueError:
        raise Forbidden("Only people have a desk.") from None


async def known_agent(request: Request, principal: DeskUser) -> UUID:
    """The agent behind the request, known to the router from now on."""
    agent_id = agent_id_of(principal)
    await _make_known(units_of(request), agent_id, principal.name)
    return agent_id


async def _make_known(units: Units, agent_id: UUID, name: str) -> None:
    async with units.database.read_raw() as connection:
        known = await agents.find(connection, agent_id)
        # Whoever planned the work made her known before she came, without her name.
        if known is not None and known["name"] == name:
            return
    async with units.database.write_raw() as connection:
        await agents.register(connection, agent_id, name, units.clock.now())


KnownAgent = Annotated[UUID, Depends(known_agent, scope="function")]


@router.get("/snapshot")
async def get_snapshot(agent_id: KnownAgent, connection: ReadConnectionDep) -> Snapshot:
    """The whole desk; everything after its cursor comes by the feed."""
    return await snapshot.take(connection, agent_id)


@router.put("/presence")
async def put_presence(body: PresenceInput, agent_id: KnownAgent, request: Request, unit: UnitDep) -> Agent:
    """Say what you are doing; it also says that you are there."""
    settings = _settings(request)
    await presence.choose(unit, agent_id, body, settings.presence_lease_seconds)
    return await read_agent(unit.connection, agent_id)


@router.put("/settings")
async def put_settings(body: DeskSettings, agent_id: KnownAgent, unit: UnitDep) -> DeskSettings:
    """Say how you like your desk."""
    await unit.connection.execute(
        "UPDATE agents SET enter_sends = $2, inbox_order = $3 WHERE id = $1", agent_id, body.enter_sends, body.order
    )
    unit.tell(agent_id, "settings.changed", body)
    return body


@router.websocket("/feed")
async def feed(socket: WebSocket) -> None:
    """Everything that happens on the desk after the cursor."""
    service = service_of(socket)
    units = units_of(socket)
    async with open_line(socket) as line:
        principal, after = await line.authenticate(verifier_of(socket), SCOPE)
        agent_id = _desk_of(principal)
        await _make_known(units, agent_id, principal.name)
        # At once: the pulse that renews all lines may come later than the grace of the line before ends.
        await _prolong(units, agent_id, _settings(socket).presence_lease_seconds)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(line.take_renewals(verifier_of(socket), SCOPE, principal.subject))
                group.create_task(line.end_when_due(service.draining))
                group.create_task(DeskFeed(units, line, agent_id).run(after))
        finally:
            await _leave(line, units, agent_id, _settings(socket).presence_grace_seconds)


def _desk_of(principal: Principal) -> UUID:
    try:
        return agent_id_of(principal)
    except Forbidden as fault:
        raise LineClosedError(TOKEN_OVER, fault.detail) from None


async def _leave(line: Line, units: Units, agent_id: UUID, grace_seconds: float) -> None:
    """With the last line the presence lasts for the grace only; a line in another process renews it in time."""
    if service_of(line.socket).draining.is_set() or agent_id in units.hub.watched():
        return
    await _prolong(units, agent_id, grace_seconds)


async def _prolong(units: Units, agent_id: UUID, seconds: float) -> None:
    async with units.database.write_raw() as connection:
        await agents.renew_leases(connection, [agent_id], units.clock.now() + timedelta(seconds=seconds))


def _settings(connection: Request | WebSocket) -> RouterSettings:
    settings: RouterSettings = connection.state.settings
    return settings
