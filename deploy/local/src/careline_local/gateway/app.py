"""The gateway as one ASGI application without middleware."""

from collections.abc import Mapping
from http import HTTPStatus

import httpx
from starlette.types import Receive, Scope, Send

from careline_local.gateway import sockets
from careline_local.gateway.http import HttpProxy
from careline_local.gateway.problems import send_problem
from careline_local.gateway.site import Site

API = b"/api/"


class Gateway:
    """Sends `/api/<name>/…` to the service of that name, and everything else to the page."""

    def __init__(self, upstreams: Mapping[str, tuple[str, int]], site: Site) -> None:
        """`upstreams` maps the name in the address to the name and the port of a service on this machine."""
        self._upstreams = {name.encode(): upstream for name, upstream in upstreams.items()}
        self._site = site
        self._http = HttpProxy()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        name, rest = _split(scope["raw_path"])
        upstream = self._upstreams.get(name)
        if upstream is not None:
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            await self._forward(scope, receive, send, upstream, rest + query)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["path"].startswith("/api/"):
            await send_problem(send, HTTPStatus.NOT_FOUND, "no-such-service", f"No service is at {scope['path']}.")
        else:
            await self._site.answer(scope, send)

    async def _forward(
        self, scope: Scope, receive: Receive, send: Send, upstream: tuple[str, int], address: bytes
    ) -> None:
        service, port = upstream
        if scope["type"] == "websocket":
            await sockets.forward(scope, receive, send, target=f"ws://127.0.0.1:{port}{address.decode('latin-1')}")
            return
        target = httpx.URL(scheme="http", host="127.0.0.1", port=port, raw_path=address)
        await self._http.forward(scope, receive, send, name=service, target=target)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._http.close()
        await send({"type": "lifespan.shutdown.complete"})


def _split(raw_path: bytes) -> tuple[bytes, bytes]:
    """`/api/profile/v1/lookup` becomes `profile` and `/v1/lookup`; any other address has no name."""
    if not raw_path.startswith(API):
        return b"", raw_path
    name, slash, rest = raw_path.removeprefix(API).partition(b"/")
    return name, slash + rest or b"/"
