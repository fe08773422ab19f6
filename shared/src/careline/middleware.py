"""Pure ASGI middleware; three of the class-based kind cost six to eight times the work of a request."""

from time import perf_counter

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from careline.problems import CarriedProblem, Problem
from careline.tracing import begin_trace, end_trace

DEFAULT_BODY_LIMIT_BYTES = 1024 * 1024

SECONDS = Histogram(
    "careline_request_seconds",
    "Time from the request to the end of its answer.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

_log = structlog.get_logger("careline.request")


class BodyTooLarge(Problem):
    """The body is larger than this path takes."""

    status = 413
    type_name = "body-too-large"
    title = "The body is too large"


class RequestLog:
    """Begins the trace, counts and logs each request in one line without personal data."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        token = begin_trace(Headers(scope=scope).get("traceparent"))
        begun = perf_counter()
        status = 0

        async def observed_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, observed_send)
        finally:
            if scope["type"] == "http":
                route = getattr(scope.get("route"), "path", "unmatched")
                seconds = perf_counter() - begun
                SECONDS.labels(scope["method"], route, status).observe(seconds)
                if status >= 400:  # noqa: PLR2004 -- the first status that tells of a refusal
                    _log.info("request.refused", method=scope["method"], route=route, status=status)
            end_trace(token)


class BodyLimit:
    """Refuses bodies over a limit, by their announced length or as they arrive. Some paths have limits of their own."""

    def __init__(self, app: ASGIApp, *, limits: dict[str, int]) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = next(
            (size for path, size in self._limits.items() if scope["path"].startswith(path)),
            DEFAULT_BODY_LIMIT_BYTES,
        )
        refusal = BodyTooLarge(f"This path takes at most {limit} bytes.", limit_bytes=limit)
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdigit() and int(announced) > limit:
            await refusal.response()(scope, receive, send)
            return
        received = 0

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise CarriedProblem(refusal)
            return message

        await self._app(scope, counted_receive, send)
