"""Chats as a visitor's page uses them."""

import asyncio
import math
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response, WebSocket
from starlette.requests import HTTPConnection

from careline.app import service_of
from careline.idempotency import KeyMissing
from careline.ids import encode
from careline.problems import Problem, problem_responses
from interaction_router.channels.chat import phones, presence, service, view
from interaction_router.channels.chat.cors import allowed_origins
from interaction_router.channels.chat.feed import ChatFeed
from interaction_router.channels.chat.lines import Lines
from interaction_router.channels.chat.schemas import Chat, ChatInput, ChatMessage, ChatMessageInput, Phone, PhoneInput
from interaction_router.customers.client import Customers
from interaction_router.ids import InteractionId
from interaction_router.settings import RouterSettings
from interaction_router.sockets import AUTHENTICATE_SECONDS, POLICY, TOKEN_OVER, Line, LineClosedError, open_line
from interaction_router.unit import UnitDep, Units, units_of
from interaction_router.visitors import access, rates
from interaction_router.visitors.access import VisitorDep, VisitorHeader

router = APIRouter(
    prefix="/v1/chats", tags=["visitors"], responses=problem_responses(401, 429), dependencies=[VisitorHeader]
)
Key = Annotated[
    str | None, Header(alias="Idempotency-Key", max_length=64, description="The page's own id of the message.")
]


@router.post("", status_code=201, responses={200: {"model": Chat, "description": "The chat that was open already."}})
async def open_chat(body: ChatInput, visitor_id: VisitorDep, request: Request, response: Response) -> Chat:
    """Ask to talk with somebody. A visitor has one open chat: it is the answer if there is one."""
    units = units_of(request)
    await _take(request, rates.CHATS, visitor_id)
    gone_seconds = _settings(request).chat_gone_seconds
    opened = await service.begin(units, _customers(request), visitor_id, body, gone_seconds=gone_seconds)
    response.status_code = 201 if opened else 200
    return cast("Chat", await _current(units, visitor_id))


@router.get("/current")
async def get_current_chat(visitor_id: VisitorDep, request: Request) -> Chat | None:
    """Your open chat, or the one that ended within a day; null if there is none."""
    await _take(request, rates.READS, visitor_id)
    return await _current(units_of(request), visitor_id)


@router.post("/{chat_id}/messages", status_code=201, responses=problem_responses(400, 404, 409))
async def send_chat_message(
    chat_id: InteractionId,
    body: ChatMessageInput,
    visitor_id: VisitorDep,
    request: Request,
    response: Response,
    key: Key = None,
) -> ChatMessage:
    """Write. The same key again gives the same message again, in whichever chat it arrived."""
    if not key or not key.strip() or ":" in key:
        raise KeyMissing("Send a header 'Idempotency-Key' that names this message, for example a UUID.")
    await _take(request, rates.MESSAGES, visitor_id)
    async with units_of(request).begin() as unit:
        sent = await service.send(unit, chat_id, visitor_id, key.strip(), body.text)
    if sent.again:
        response.headers["Idempotency-Replayed"] = "true"
    return sent.message


@router.post("/{chat_id}/phone", responses=problem_responses(404, 409))
async def give_phone(chat_id: InteractionId, body: PhoneInput, visitor_id: VisitorDep, request: Request) -> Phone:
    """Say under which number you are known. It stays claimed until an agent has checked it."""
    await _take(request, rates.PHONES, visitor_id)
    units = units_of(request)
    number = phones.normalise(body.number, _settings(request).phone_region)
    await service.give_phone(units, _customers(request), chat_id, visitor_id, number)
    async with units.database.read_raw() as connection:
        phone = view.status(await service.mine(connection, chat_id, visitor_id)).phone
    return phone or Phone(shown=view.mask(number), state="claimed")


@router.post("/{chat_id}/end", status_code=204, responses=problem_responses(404))
async def end_chat(chat_id: InteractionId, visitor_id: VisitorDep, unit: UnitDep) -> None:
    """Leave. Doing it twice is doing it once."""
    await service.end(unit, chat_id, visitor_id)


@router.websocket("/{chat_id}/feed")
async def chat_feed(socket: WebSocket, chat_id: InteractionId) -> None:
    """Everything that happens in your chat after the cursor."""
    units = units_of(socket)
    lines = cast("Lines", socket.state.chat_lines)
    async with open_line(socket) as line:
        _check_origin(socket)
        after = await _authenticate(line, chat_id)
        if lines.full(chat_id):
            raise LineClosedError(POLICY, "too many lines")
        await presence.arrive(units, chat_id, _settings(socket).chat_gone_seconds)
        with lines.attach(chat_id):
            async with asyncio.TaskGroup() as group:
                group.create_task(_listen(line))
                group.create_task(line.end_when_due(service_of(socket).draining))
                group.create_task(ChatFeed(units, lines, line, chat_id).run(after))


async def _authenticate(line: Line, chat_id: UUID) -> int | None:
    """The first frame says who is there; another visitor's chat is none."""
    units = units_of(line.socket)
    try:
        async with asyncio.timeout(AUTHENTICATE_SECONDS):
            frame = await line.frame()
        visitor_id = await access.check(line.socket, frame.token)
        await _take(line.socket, rates.LINES, visitor_id)
        async with units.database.read_raw() as connection:
            await service.mine(connection, chat_id, visitor_id)
    except TimeoutError:
        raise LineClosedError(TOKEN_OVER, "nobody said who is there") from None
    except Problem as fault:
        raise LineClosedError(TOKEN_OVER, fault.title) from None
    line.expires_at = math.inf
    return frame.after


async def _listen(line: Line) -> None:
    """Notice the end of the line. The visitor's token does not run out, so there is nothing to renew."""
    while True:
        await line.frame()


def _check_origin(socket: WebSocket) -> None:
    """Browsers say which page opened the socket; only pages that may carry the widget are answered."""
    origin = socket.headers.get("origin")
    if origin is not None and origin not in allowed_origins(_settings(socket)):
        raise LineClosedError(POLICY, "not a page that may carry the widget")


async def _current(units: Units, visitor_id: UUID) -> Chat | None:
    async with units.database.read_raw() as connection:
        return await view.current(connection, visitor_id, units.clock.now())


async def _take(connection: HTTPConnection, rate: rates.Rate, visitor_id: UUID) -> None:
    units = units_of(connection)
    await rates.take(units.database, rate, encode("vis", visitor_id), units.clock.now())


def _customers(request: Request) -> Customers:
    return cast("Customers", request.state.customers)


def _settings(connection: HTTPConnection) -> RouterSettings:
    return cast("RouterSettings", connection.state.settings)
