"""The built page, held in memory: every file with its headers, and compressed where that helps."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope, Send

from careline_local.gateway.headers import EVERYWHERE, RawHeaders, content_policies
from careline_local.gateway.problems import send_problem

# Vite puts a hash of the content into the names of what it bundles.
_HASHED: Final = re.compile(r"^/(shop/)?assets/.+-[\w-]{8,}\.\w+$")
_COMPRESSED_TYPES: Final = ("text/", "application/json", "image/svg+xml", "application/manifest+json")
_FOREVER: Final = b"public, max-age=31536000, immutable"
_ASK_EACH_TIME: Final = b"no-cache"
_WIDGET: Final = "/widget.js"
# Pages that customers open by a link; nobody learns from a referrer which one it was.
_PUBLIC: Final = ("/survey/", "/complaint/")


@dataclass(frozen=True)
class _File:
    body: bytes
    compressed: bytes | None
    etag: str
    headers: RawHeaders


class Site:
    """Answers requests for the files of a build folder."""

    def __init__(self, folder: Path | None, *, public_host: str) -> None:
        """Read all files; a later build is seen at the next start. Without a folder there is nothing to see."""
        self._policies = content_policies(public_host)
        found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()} if folder else {}
        addresses = {f"/{name.as_posix()}": path for name, path in found.items() if not _hidden(name)}
        self._loaded = {address: self._load(address, path) for address, path in addresses.items()}

    async def answer(self, scope: Scope, send: Send) -> None:
        """Send the file, or the page itself for an address that only the page knows."""
        request = Headers(scope=scope)
        if scope["method"] not in {"GET", "HEAD"}:
            await send_problem(send, HTTPStatus.METHOD_NOT_ALLOWED, "method", "The page is only for reading.")
            return
        file = self._find(scope["path"], wants_page="text/html" in request.get("accept", ""))
        if file is None:
            detail = f"There is nothing at {scope['path']}."
            await send_problem(send, HTTPStatus.NOT_FOUND, "no-such-file", detail)
            return
        await _send_file(send, file, request, head=scope["method"] == "HEAD")

    def _find(self, path: str, *, wants_page: bool) -> _File | None:
        if file := self._loaded.get(f"{path}index.html" if path.endswith("/") else path):
            return file
        if file := self._loaded.get(f"{path}/index.html"):
            return file
        return self._loaded.get("/index.html") if wants_page and "." not in path.rsplit("/", 1)[-1] else None

    def _load(self, address: str, path: Path) -> _File:
        body = path.read_bytes()
        media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        compressed = _compress(path, body) if media_type.startswith(_COMPRESSED_TYPES) else None
        headers = [
            *EVERYWHERE,
            (b"content-type", _with_charset(media_type).encode()),
            (b"cache-control", _FOREVER if _HASHED.match(address) else _ASK_EACH_TIME),
            # The widget is made for pages of other origins, all else is for ours.
            (b"cross-origin-resource-policy", b"cross-origin" if address == _WIDGET else b"same-origin"),
            (b"referrer-policy", b"no-referrer" if address.startswith(_PUBLIC) else b"same-origin"),
            (b"content-security-policy", self._policy_of(address)),
            (b"vary", b"accept-encoding"),
        ]
        return _File(body, compressed, f'"{hashlib.sha256(body).hexdigest()[:32]}"', headers)

    def _policy_of(self, address: str) -> bytes:
        if address.startswith(_PUBLIC):
            return self._policies.public
        return self._policies.shop if address.startswith("/shop/") else self._policies.desk


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts) or path.suffix == ".gz"


def _compress(path: Path, body: bytes) -> bytes | None:
    """The compressed form that the build left beside the file, or one made now, if it is smaller."""
    beside = path.with_name(f"{path.name}.gz")
    compressed = beside.read_bytes() if beside.exists() else gzip.compress(body, 9)
    return compressed if len(compressed) < len(body) else None


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


async def _send_file(send: Send, file: _File, request: Headers, *, head: bool) -> None:
    headers = [*file.headers, (b"etag", file.etag.encode())]
    if file.etag in request.get("if-none-match", ""):
        await send({"type": "http.response.start", "status": HTTPStatus.NOT_MODIFIED, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = file.body
    if file.compressed is not None and "gzip" in request.get("accept-encoding", ""):
        body = file.compressed
        headers.append((b"content-encoding", b"gzip"))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
