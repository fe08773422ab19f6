"""The command line of every service: serve, migrate, openapi, asyncapi."""

import argparse
import asyncio
import gc
import json
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from careline.events import EventCatalogue
from careline.logs import configure_logs
from careline.settings import ServiceSettings, SettingsError, load_settings

GRACEFUL_SHUTDOWN_SECONDS = 8
DOCUMENTS = ("openapi", "asyncapi")


@dataclass(frozen=True)
class Program:
    """What the command line needs to know of a service."""

    name: str
    # As `package.module:function`: only a serving process needs the application, whose import takes a second.
    app: str
    settings: type[ServiceSettings]
    catalogue: EventCatalogue
    migrations: Path

    def create_app(self, settings: ServiceSettings) -> FastAPI:
        """The application with these settings."""
        module, _, function = self.app.partition(":")
        create: Callable[[ServiceSettings], FastAPI] = getattr(import_module(module), function)
        return create(settings)


class _DrainingServer(uvicorn.Server):
    """Tells sockets and readiness first when asked to stop; uvicorn alone would wait for sockets without end."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Leave what was made by starting out of every later garbage collection: it held the loop for 150 ms each."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        application = self.config.loaded_app if self.config.loaded else None
        draining = getattr(getattr(application, "state", None), "draining", None)
        if isinstance(draining, asyncio.Event):
            draining.set()
        super().handle_exit(sig, frame)


def main(program: Program) -> None:
    """Run one command of `program`; a missing or wrong setting ends it with one sentence."""
    parser = argparse.ArgumentParser(prog=program.name)
    parser.add_argument("command", choices=["serve", "migrate", *DOCUMENTS])
    command = parser.parse_args().command
    try:
        if command in DOCUMENTS:
            print(document(program, command))  # noqa: T201 -- its purpose
            return
        settings = load_settings(program.settings)
    except SettingsError as fault:
        sys.exit(str(fault))
    configure_logs(program.name, settings.log_level)
    if command == "migrate":
        # Alembic takes a quarter of a second and 10 MB, which a serving process does not need.
        from careline.migrations import create_topics, migrate  # noqa: PLC0415

        migrate(program.migrations, str(settings.database_url))
        asyncio.run(create_topics(settings, program.catalogue))
    else:
        _serve(program.create_app(settings), settings)


def document(program: Program, kind: str) -> str:
    """The AsyncAPI or OpenAPI document of a service as JSON; the latter reads the settings, as its start does."""
    if kind == "asyncapi":
        described = program.catalogue.asyncapi()
    else:
        described = program.create_app(load_settings(program.settings)).openapi()
    return json.dumps(described, indent=2, ensure_ascii=False)


def _serve(app: FastAPI, settings: ServiceSettings) -> None:
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=256 * 1024,
        # A browser answers by itself, also for a hidden tab; whoever does not within these 7 to 15 s is not there.
        ws_ping_interval=8.0,
        ws_ping_timeout=7.0,
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )
    _DrainingServer(config).run()
