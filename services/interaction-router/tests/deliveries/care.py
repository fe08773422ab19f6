"""A care service in miniature: a real HTTP server that answers POST /v1/contents as the contract says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import uvicorn
from fastapi import FastAPI, Request, Response

from careline.ids import decode, encode
from careline_local.parts.ports import free_port


@dataclass
class Care:
    """What it answers; `withdrawn` names what it does not want sent any more, and by which gate."""

    port: int
    addresses: dict[UUID, str | None] = field(default_factory=dict)
    withdrawn: dict[UUID, str] = field(default_factory=dict)
    forgotten: set[UUID] = field(default_factory=set)
    changed: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    away: bool = False
    # The one address of everybody, where a test reads one mailbox.
    everybody: str | None = None
    asked: list[list[UUID]] = field(default_factory=list)
    not_after: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=2000))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def item(self, care_id: UUID) -> dict[str, Any]:
        key = encode("car", care_id)
        address = self.everybody or self.addresses.get(care_id, f"{key.replace('_', '-')}@customer.example")
        return {
            "care_id": key,
            "verdict": "cancelled" if care_id in self.withdrawn else "send",
            "gate": self.withdrawn.get(care_id),
            "not_after": self.not_after.isoformat(),
            "customer_id": encode("cus", care_id),
            "purpose": "marketing",
            "occasion": "birthday",
            "reference": None,
            "language": "zh-CN",
            "to": {"name": "李伟", "address": address} if address else None,
            "postal_address": {"lines": ["南京东路 100 号", "3 室"], "postcode": "200001", "country": "CN"},
            "subject": "生日快乐,李伟先生",
            "text": "亲爱的李伟先生:\n\n祝您生日快乐!\n",
            "script": "祝李先生生日快乐,并问水龙头是否好用。",
            "unsubscribe_url": f"https://careline.example/api/care/v1/unsubscribe/{'t' * 120}",
            "message_id": f"<{key}@careline.example>",
        } | self.changed.get(care_id, {})


def application(care: Care) -> FastAPI:
    app = FastAPI()

    @app.post("/oauth/token")
    async def token() -> dict[str, Any]:
        return {"access_token": "x", "expires_in": 300}

    @app.post("/v1/contents")
    async def contents(request: Request) -> Any:
        ids = [decode("car", each) for each in (await request.json())["care_ids"]]
        assert len(ids) <= 500
        care.asked.append(ids)
        if care.away:
            return Response(status_code=503)
        return {"items": [care.item(each) for each in ids if each not in care.forgotten]}

    return app


@asynccontextmanager
async def serve() -> AsyncIterator[Care]:
    care = Care(free_port())
    config = uvicorn.Config(application(care), port=care.port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield care
    server.should_exit = True
    await task
