"""Answers of the gateway itself, as problem documents (RFC 9457)."""

import json
from http import HTTPStatus
from typing import Any

from starlette.types import Send


async def send_problem(send: Send, status: HTTPStatus, kind: str, detail: str, **fields: Any) -> None:
    """Answer a request with a problem document."""
    problem = {"type": f"about:blank#{kind}", "title": status.phrase, "status": status, "detail": detail, **fields}
    body = json.dumps(problem).encode()
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
