"""Passes HTTP requests on as they are: bodies stream both ways, paths and queries are not rewritten."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Final

import httpx
from starlette.types import Receive, Scope, Send

from careline.clients import trusted_authorities
from careline_local.gateway import headers
from careline_local.gateway.problems import send_problem

# A service keeps an idle connection for 5 s; ours ends earlier, so that no request meets one that just closed.
_LIMITS: Final = httpx.Limits(max_connections=512, max_keepalive_connections=128, keepalive_expiry=4)
_TIMEOUTS: Final = {"connect": 2.0, "read": 60.0, "write": 60.0, "pool": 5.0}


class HttpProxy:
    """Forwards requests to upstreams and says plainly when one is away."""

    def __init__(self) -> None:
        """Make a pool of connections; the transport below the client knows neither cookies nor redirects."""
        self._transport = httpx.AsyncHTTPTransport(limits=_LIMITS, verify=trusted_authorities())

    async def close(self) -> None:
        """Close the pool."""
        await self._transport.aclose()

    async def forward(self, scope: Scope, receive: Receive, send: Send, *, name: str, target: httpx.URL) -> None:
        """Send the request to `target`, the service called `name`, and its answer back."""
        request = httpx.Request(
            scope["method"],
            target,
            headers=headers.for_upstream(scope["headers"], scope.get("client")),
            content=_body(receive) if _has_body(scope) else None,
            extensions={"timeout": _TIMEOUTS},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            detail = f"The service {name} cannot be reached at the moment."
            await send_problem(send, HTTPStatus.SERVICE_UNAVAILABLE, "service-away", detail, service=name)
        except httpx.TimeoutException:
            detail = f"The service {name} did not answer in time."
            await send_problem(send, HTTPStatus.GATEWAY_TIMEOUT, "service-late", detail, service=name)
        except httpx.TransportError:
            detail = f"The service {name} broke off; whether it carried the request out is not known."
            await send_problem(send, HTTPStatus.BAD_GATEWAY, "service-broke-off", detail, service=name)
        else:
            await _answer(send, response)


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise httpx.WriteError("the client went away")
        if message.get("body"):
            yield message["body"]
        if not message.get("more_body"):
            return


async def _answer(send: Send, response: httpx.Response) -> None:
    try:
        await send(
            {
                "type": "http.response.start",
                "status": response.status_code,
                "headers": headers.for_client(response.headers.raw),
            }
        )
        async for chunk in response.aiter_raw():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        await response.aclose()
