"""Passes WebSockets on: frames both ways, and the code with which either end closes."""

import asyncio
from http import HTTPStatus
from typing import Any, Final

from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from careline_local.gateway import headers

# Larger than any frame of a service; the services bound what they take in themselves.
_MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
_OPEN_SECONDS: Final = 5
_NO_STATUS: Final = 1005
_ABNORMAL: Final = 1006
_SERVER_ERROR: Final = 1011
_SERVICE_RESTART: Final = 1012
_HANDSHAKE_HEADERS: Final = frozenset(
    {
        b"host",
        b"origin",
        b"sec-websocket-extensions",
        b"sec-websocket-key",
        b"sec-websocket-protocol",
        b"sec-websocket-version",
    }
)


async def forward(scope: Scope, receive: Receive, send: Send, *, target: str) -> None:
    """Connect to `target` first, then accept, so that a refusal reaches the client as one."""
    await receive()  # websocket.connect
    try:
        upstream = await _connect(scope, target)
    except InvalidStatus as refusal:
        await _refuse(scope, send, HTTPStatus(refusal.response.status_code))
        return
    except (OSError, InvalidHandshake):
        await _refuse(scope, send, HTTPStatus.SERVICE_UNAVAILABLE)
        return
    try:
        await send({"type": "websocket.accept", "subprotocol": upstream.subprotocol})
        await _pass_frames(upstream, receive, send)
    finally:
        await upstream.close()


async def _connect(scope: Scope, target: str) -> ClientConnection:
    passed = headers.for_upstream(scope["headers"], scope.get("client"))
    origin = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), None)
    return await connect(
        target,
        origin=Origin(origin) if origin else None,
        additional_headers=[
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in passed
            if name not in _HANDSHAKE_HEADERS
        ],
        subprotocols=[Subprotocol(each) for each in scope["subprotocols"]] or None,
        user_agent_header=None,
        compression=None,
        max_size=_MAX_FRAME_BYTES,
        open_timeout=_OPEN_SECONDS,
        close_timeout=1,
        proxy=None,
    )


async def _refuse(scope: Scope, send: Send, status: HTTPStatus) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": _SERVICE_RESTART})
        return
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})


async def _pass_frames(upstream: ClientConnection, receive: Receive, send: Send) -> None:
    to_upstream = asyncio.create_task(_to_upstream(upstream, receive))
    to_client = asyncio.create_task(_to_client(upstream, send))
    try:
        await asyncio.wait({to_upstream, to_client}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (to_upstream, to_client):
            task.cancel()
        await asyncio.gather(to_upstream, to_client, return_exceptions=True)


async def _to_upstream(upstream: ClientConnection, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code") or _NO_STATUS
            await upstream.close(1000 if code in {_NO_STATUS, _ABNORMAL} else code, message.get("reason") or "")
            return
        try:
            await upstream.send(message["text"] if message.get("text") is not None else message["bytes"])
        except ConnectionClosed:
            return


async def _to_client(upstream: ClientConnection, send: Send) -> None:
    try:
        async for frame in upstream:
            await send(_frame(frame))
    except ConnectionClosed:
        pass
    code = upstream.close_code or _SERVER_ERROR
    # What was never sent as a code may not be sent as one: a service that died is one that restarts.
    if code in {_NO_STATUS, _ABNORMAL}:
        code = _SERVICE_RESTART if code == _ABNORMAL else 1000
    await send({"type": "websocket.close", "code": code, "reason": upstream.close_reason or ""})


def _frame(frame: str | bytes) -> dict[str, Any]:
    kind = "text" if isinstance(frame, str) else "bytes"
    return {"type": "websocket.send", kind: frame}
