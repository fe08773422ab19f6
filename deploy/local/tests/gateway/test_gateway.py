"""The gateway passes everything on unchanged, says which service is away, and serves the page safely."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from careline_local.gateway.app import Gateway
from careline_local.gateway.server import configure
from careline_local.gateway.site import Site
from careline_local.parts.ports import free_port

closed_with: list[int] = []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "index.html": "<!doctype html><title>Desk</title>" + "x" * 2000,
        "assets/desk-4f3a9bC1.js": "export {}",
        "shop/index.html": "<title>Shop</title>",
        "survey/index.html": "<title>Survey</title>",
        "widget.js": "0",
        ".vite/manifest.json": "{}",
    }
    for name, text in files.items():
        path = tmp_path / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "dist"


@pytest.fixture
async def origin(folder: Path) -> AsyncIterator[str]:
    """A gateway before one service that runs and one that does not."""
    port, upstream, away = free_port(), free_port(), free_port()
    site = Site(folder, public_host=f"127.0.0.1:{port}")
    gateway = Gateway({"echo": ("echo-service", upstream), "away": ("away-service", away)}, site)
    async with _served(configure(gateway, port)), _served(_quiet(_upstream(), upstream)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def client(origin: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=origin, trust_env=False) as client:
        yield client


class TestHttp:
    async def test_passes_path_query_and_body_on_unchanged(self, client: httpx.AsyncClient) -> None:
        address = "/api/echo/echo/a%2Fb/%E4%BD%A0?x=1&x=2&empty&plus=a+b"
        answer = await client.put(address, content=b"\x00body", headers={"content-type": "application/x-own"})
        seen = answer.json()
        assert seen["path"] == "/echo/a%2Fb/%E4%BD%A0"
        assert seen["query"] == "x=1&x=2&empty&plus=a+b"
        assert seen["body"] == "\x00body"
        assert seen["headers"]["content-type"] == "application/x-own"

    async def test_tells_the_service_who_asks_and_not_what_the_client_claims(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(
            "/api/echo/echo", headers={"x-forwarded-for": "10.0.0.1", "forwarded": "for=10.0.0.1"}
        )
        headers = answer.json()["headers"]
        assert headers["x-forwarded-for"] == "127.0.0.1"
        assert "forwarded" not in headers
        assert "cookie" not in headers

    async def test_keeps_repeated_headers_apart(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/echo/cookies")
        assert answer.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT"]

    async def test_does_not_lend_one_client_the_cookie_of_another(self, client: httpx.AsyncClient) -> None:
        await client.get("/api/echo/cookies")
        async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as stranger:
            assert "cookie" not in (await stranger.get("/api/echo/echo")).json()["headers"]

    async def test_streams_an_answer_as_it_comes(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/api/echo/slow") as answer:
            chunks = answer.aiter_raw()
            async with asyncio.timeout(1):
                assert await anext(chunks) == b"first"

    async def test_streams_a_large_request(self, client: httpx.AsyncClient) -> None:
        async def body() -> AsyncIterator[bytes]:
            for _ in range(64):
                yield b"x" * 65536

        answer = await client.post("/api/echo/count", content=body())
        assert answer.json() == 64 * 65536

    async def test_names_the_service_that_is_away(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/away/v1/anything")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["service"] == "away-service"
        assert answer.headers["retry-after"] == "1"

    async def test_names_the_service_that_broke_off(self, client: httpx.AsyncClient) -> None:
        async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.close()

        port = free_port()
        gateway_port = free_port()
        gateway = Gateway({"broken": ("broken-service", port)}, Site(None, public_host="127.0.0.1"))
        async with await asyncio.start_server(break_off, "127.0.0.1", port), _served(configure(gateway, gateway_port)):
            answer = await client.get(f"http://127.0.0.1:{gateway_port}/api/broken/x")
        assert (answer.status_code, answer.json()["service"]) == (502, "broken-service")

    async def test_knows_no_other_service(self, client: httpx.AsyncClient) -> None:
        assert (await client.get("/api/other/x", headers={"accept": "text/html"})).status_code == 404


class TestWebSocket:
    async def test_passes_text_and_bytes_both_ways(self, origin: str) -> None:
        async with connect(_ws(origin, "/api/echo/socket?after=7"), proxy=None) as socket:
            assert json.loads(await socket.recv())["query"] == "after=7"
            await socket.send("你好")
            assert await socket.recv() == "你好"
            await socket.send(b"\x01")
            assert await socket.recv() == b"\x01"

    async def test_passes_the_code_of_the_service_on(self, origin: str) -> None:
        async with connect(_ws(origin, "/api/echo/socket"), proxy=None) as socket:
            await socket.recv()
            await socket.send("close 4401")
            with pytest.raises(ConnectionClosed):
                await socket.recv()
            assert (socket.close_code, socket.close_reason) == (4401, "asked")

    async def test_tells_the_service_at_once_that_the_client_has_gone(self, origin: str) -> None:
        closed_with.clear()
        async with connect(_ws(origin, "/api/echo/socket"), proxy=None) as socket:
            await socket.recv()
            await socket.close(4000, "bye")
        async with asyncio.timeout(0.5):
            while not closed_with:
                await asyncio.sleep(0.01)
        assert closed_with == [4000]

    async def test_refuses_when_the_service_is_away(self, origin: str) -> None:
        with pytest.raises(InvalidStatus) as refusal:
            await connect(_ws(origin, "/api/away/socket"), proxy=None)
        assert refusal.value.response.status_code == 503

    async def test_passes_a_refusal_of_the_service_on(self, origin: str) -> None:
        with pytest.raises(InvalidStatus) as refusal:
            await connect(_ws(origin, "/api/echo/refusing"), proxy=None)
        assert refusal.value.response.status_code == 403


class TestPage:
    async def test_is_strict_about_what_may_run(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"

    async def test_answers_for_the_addresses_that_only_the_page_knows(self, client: httpx.AsyncClient) -> None:
        page = await client.get("/inbox/int_123", headers={"accept": "text/html"})
        assert page.text.startswith("<!doctype html><title>Desk")
        assert (await client.get("/inbox/int_123", headers={"accept": "image/png"})).status_code == 404
        assert (await client.get("/missing.js", headers={"accept": "text/html"})).status_code == 404

    async def test_caches_by_name_or_asks_again(self, client: httpx.AsyncClient) -> None:
        assert "immutable" in (await client.get("/assets/desk-4f3a9bC1.js")).headers["cache-control"]
        first = await client.get("/")
        assert first.headers["cache-control"] == "no-cache"
        again = await client.get("/", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    async def test_compresses_for_whoever_understands(self, client: httpx.AsyncClient) -> None:
        async with client.stream("GET", "/", headers={"accept-encoding": "gzip"}) as answer:
            packed = b"".join([chunk async for chunk in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        plain = await client.get("/", headers={"accept-encoding": "identity"})
        assert gzip.decompress(packed) == plain.content

    @pytest.mark.parametrize("address", ["/survey/", "/survey"])
    async def test_what_customers_open_is_stricter_than_the_desk(self, client: httpx.AsyncClient, address: str) -> None:
        page = await client.get(address, headers={"Accept": "text/html"})
        policy = page.headers["content-security-policy"]
        assert "<title>Survey</title>" in page.text
        assert "trusted-types 'none'" in policy
        assert "form-action 'none'" in policy
        assert "ws:" not in policy
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in page.headers
        assert (await client.get("/")).headers["referrer-policy"] == "same-origin"

    async def test_shop_may_be_framed_by_ours_only_and_widget_used_by_all(self, client: httpx.AsyncClient) -> None:
        shop = await client.get("/shop/")
        assert "frame-ancestors 'self'" in shop.headers["content-security-policy"]
        assert "script-src 'self'" in shop.headers["content-security-policy"]
        assert (await client.get("/widget.js")).headers["cross-origin-resource-policy"] == "cross-origin"

    @pytest.mark.parametrize("path", ["/.vite/manifest.json", "/../site.py", "/%2e%2e/site.py", "//etc/passwd"])
    async def test_shows_nothing_else(self, client: httpx.AsyncClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_is_only_for_reading(self, client: httpx.AsyncClient) -> None:
        assert (await client.post("/")).status_code == 405
        head = await client.head("/")
        assert (head.status_code, head.content) == (200, b"")


def _ws(origin: str, path: str) -> str:
    return origin.replace("http", "ws", 1) + path


async def _echo(request: Request) -> Response:
    body = (await request.body()).decode()
    seen = {"path": request.scope["raw_path"].decode(), "query": request.scope["query_string"].decode()}
    return JSONResponse(seen | {"body": body, "headers": dict(request.headers)})


async def _cookies(_: Request) -> Response:
    answer = Response()
    answer.headers.append("set-cookie", "a=1; Path=/")
    answer.headers.append("set-cookie", "b=2; Expires=Wed, 01 Jan 2031 00:00:00 GMT")
    return answer


async def _slow(_: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.sleep(2)
        yield b"second"

    return StreamingResponse(chunks())


async def _count(request: Request) -> Response:
    return JSONResponse(sum([len(chunk) async for chunk in request.stream()]))


async def _socket(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_json({"query": websocket.url.query})
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            closed_with.append(message["code"])
            return
        if message.get("text") == "close 4401":
            await websocket.close(4401, "asked")
            return
        await websocket.send({**message, "type": "websocket.send"})


async def _refusing(websocket: WebSocket) -> None:
    await websocket.close()


def _upstream() -> Starlette:
    methods = ["GET", "PUT", "POST"]
    return Starlette(
        routes=[
            Route("/echo", _echo),
            Route("/echo/{rest:path}", _echo, methods=methods),
            Route("/cookies", _cookies),
            Route("/slow", _slow),
            Route("/count", _count, methods=methods),
            WebSocketRoute("/socket", _socket),
            WebSocketRoute("/refusing", _refusing),
        ]
    )


def _quiet(app: Callable[..., object], port: int) -> uvicorn.Config:
    return uvicorn.Config(app, port=port, log_level="error", ws="websockets-sansio", timeout_graceful_shutdown=1)


@asynccontextmanager
async def _served(config: uvicorn.Config) -> AsyncIterator[None]:
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await serving
