"""The care scheduler: decides whom to care for, when and how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from care_scheduler import consumers
from care_scheduler.events import CATALOGUE
from careline.app import Parts, Service, create_service
from careline.background import Loop, Periodic
from careline.clock import Clock
from careline.settings import ServiceSettings


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    return create_service(
        settings,
        Parts(
            title="Careline care scheduler",
            routers=[],
            catalogue=CATALOGUE,
            resources=_resources,
            consumers=lambda service, _: consumers.consumers(service),
            loops=_loops,
        ),
        clock=clock,
    )


@asynccontextmanager
async def _resources(_: Service) -> AsyncIterator[dict[str, Any]]:
    yield {}


def _loops(_service: Service, _state: dict[str, Any]) -> list[Loop | Periodic]:
    return []
