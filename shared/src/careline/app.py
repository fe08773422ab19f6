"""Builds the application of a service: everything that all services have in common, in one place."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from careline import business_time
from careline.auth import TokenVerifier
from careline.background import Background, Loop, Periodic
from careline.business_time import BusinessClock
from careline.clock import Clock, SystemClock
from careline.consumer import Consumer
from careline.crash import arm
from careline.database import Database
from careline.events import EventCatalogue
from careline.health import router as health_router
from careline.housekeeping import EVERY_SECONDS, keep_house, make_partitions
from careline.idempotency import Replay
from careline.middleware import BodyLimit, RequestLog
from careline.openapi import describe
from careline.outbox import Outbox
from careline.problems import install_problem_handlers, problem_responses
from careline.query import refuse_undeclared_query
from careline.relay import Relay
from careline.settings import ServiceSettings


@dataclass
class Service:
    """What the parts of a running service share."""

    settings: ServiceSettings
    database: Database
    outbox: Outbox
    verifier: TokenVerifier
    # Real time, for leases, tokens and time-outs.
    clock: Clock
    # Business time, for due dates, quiet hours and deadlines.
    business_clock: BusinessClock
    # Set when the process is asked to stop: sockets close themselves with 1012, loops come to their end.
    draining: asyncio.Event
    relay: Relay


class State(TypedDict):
    """The lifespan state; requests find it under `request.state`."""

    service: Service
    database: Database
    outbox: Outbox
    verifier: TokenVerifier
    clock: Clock
    settings: ServiceSettings
    draining: asyncio.Event


Resources = Callable[[Service], AbstractAsyncContextManager[dict[str, Any]]]


@dataclass(frozen=True)
class Parts:
    """What one service adds to the common frame.

    `resources` opens what the service alone needs and yields it as further lifespan state; `consumers` and `loops`
    get the service and that state.
    """

    title: str
    routers: Sequence[APIRouter]
    catalogue: EventCatalogue
    resources: Resources | None = None
    consumers: Callable[[Service, dict[str, Any]], list[Consumer]] = lambda _service, _state: []
    loops: Callable[[Service, dict[str, Any]], list[Loop | Periodic]] = lambda _service, _state: []
    body_limits: dict[str, int] = field(default_factory=dict)
    version: str = "0.1.0"


def create_service(settings: ServiceSettings, parts: Parts, *, clock: Clock | None = None) -> FastAPI:
    """The application of one service; its background loops run while its lifespan does."""
    arm(settings.crash_at)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        database = Database(settings, application_name=parts.catalogue.service)
        outbox = Outbox(parts.catalogue)
        real = clock or SystemClock()
        service = Service(
            settings=settings,
            database=database,
            outbox=outbox,
            verifier=TokenVerifier(settings),
            clock=real,
            business_clock=BusinessClock(real),
            draining=asyncio.Event(),
            relay=Relay(database, settings, outbox),
        )
        background = Background()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            stack.push_async_callback(service.verifier.close)
            extra = await stack.enter_async_context(parts.resources(service)) if parts.resources else {}
            stack.push_async_callback(_release_quietly, service.relay)
            stack.push_async_callback(background.stop)
            consumers = _consumers(service, parts, extra)
            # For tests of the whole: what this service hears, and on which topics.
            app.state.consumers = consumers
            background.start(_all_loops(service, parts, extra, consumers))
            app.state.draining = service.draining
            yield {
                **State(
                    service=service,
                    database=database,
                    outbox=outbox,
                    verifier=service.verifier,
                    clock=service.clock,
                    settings=settings,
                    draining=service.draining,
                ),
                **extra,
            }
            service.draining.set()

    app = FastAPI(
        title=parts.title,
        version=parts.version,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        dependencies=[Depends(refuse_undeclared_query)],
        responses=problem_responses(400, 413, 422, 503),
        generate_unique_id_function=_operation_id,
    )
    app.add_middleware(BodyLimit, limits=parts.body_limits)
    app.add_middleware(RequestLog)
    install_problem_handlers(app)
    app.add_exception_handler(Replay, _answer_again)
    app.include_router(health_router)
    for router in parts.routers:
        app.include_router(router)
    describe(app)
    return app


def service_of(connection: HTTPConnection) -> Service:
    """The running service, for endpoints that need more than a session."""
    return cast("Service", connection.state.service)


def _consumers(service: Service, parts: Parts, extra: dict[str, Any]) -> list[Consumer]:
    time = business_time.consumer(
        service.database, service.settings, service=parts.catalogue.service, clock=service.business_clock
    )
    consumers = [time, *parts.consumers(service, extra)]
    _refuse_two_handlers(consumers)
    return consumers


def _all_loops(service: Service, parts: Parts, extra: dict[str, Any], consumers: Sequence[Consumer]) -> list[Loop]:
    async def house() -> None:
        await keep_house(service.database, service.clock)

    async def relay() -> None:
        # What is relayed on a day without a partition would stray into the rest of the archive.
        await make_partitions(service.database, service.clock)
        await service.relay.run()

    clock = service.business_clock
    loops: list[Loop | Periodic] = [
        Periodic("housekeeping", EVERY_SECONDS, house),
        *(Loop(f"consumer-{number}", consumer.run) for number, consumer in enumerate(consumers)),
        *parts.loops(service, extra),
    ]
    plain = [loop.as_loop() if isinstance(loop, Periodic) else loop for loop in loops]
    return [
        Loop("relay", relay),
        Loop("business-time", lambda: clock.follow(service.database)),
        *(_once_time_is_known(loop, clock) for loop in plain),
    ]


def _once_time_is_known(loop: Loop, clock: BusinessClock) -> Loop:
    async def run() -> None:
        await clock.known.wait()
        await loop.run()

    return Loop(loop.name, run)


def _refuse_two_handlers(consumers: Sequence[Consumer]) -> None:
    """An event enters the inbox once for the service: a second consumer of its type would find it there and drop it."""
    counted = Counter(event_type for consumer in consumers for event_type in consumer.event_types)
    twice = sorted(event_type for event_type, count in counted.items() if count > 1)
    if twice:
        raise ValueError(f"two consumers handle {', '.join(twice)}: join their handlers with `combined`")


async def _release_quietly(relay: Relay) -> None:
    try:
        async with asyncio.timeout(1):
            await relay.stop()
    except Exception:  # noqa: BLE001 -- the lease ends by itself; a stop does not wait for a dead database
        return


async def _answer_again(_: Request, replay: Exception) -> Response:
    assert isinstance(replay, Replay)  # noqa: S101 -- Starlette hands over what was registered
    return replay.response


def _operation_id(route: APIRoute) -> str:
    return route.name
