"""The router's application, as a table of contents."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI

from careline.app import Parts, Service, create_service
from careline.background import Loop, Periodic
from careline.clients import ServiceClient
from careline.clock import Clock
from careline.consumer import Consumer
from careline.leases import Lease
from careline.objects import ObjectStore
from careline.settings import ServiceSettings
from careline.wakeups import Wakeup
from interaction_router import consumers, jobs
from interaction_router.agents import endpoints as agents
from interaction_router.agents import leaving
from interaction_router.agents.sight import Sight
from interaction_router.channels.chat import channel as chat
from interaction_router.channels.chat import events as chat_events
from interaction_router.channels.chat.cors import WidgetCors, allowed_origins
from interaction_router.channels.chat.lines import Lines
from interaction_router.channels.mail import channel as mail
from interaction_router.customers.client import Customers
from interaction_router.deliveries import channel as deliveries
from interaction_router.deliveries.office import Office
from interaction_router.desk import endpoints as desk
from interaction_router.desk import events as desk_events
from interaction_router.desk.hub import Hub
from interaction_router.desk.pulse import Pulse
from interaction_router.events import CATALOGUE
from interaction_router.interactions import attachments, partners
from interaction_router.interactions import endpoints as interactions
from interaction_router.offers import endpoints as offers
from interaction_router.queues import endpoints as queues
from interaction_router.routing import decider
from interaction_router.routing.decider import Decider
from interaction_router.settings import RouterSettings
from interaction_router.supervision import endpoints as supervision
from interaction_router.templates import endpoints as templates
from interaction_router.unit import Units

REAP_SECONDS = 0.25
PRUNE_SECONDS = 300.0
HISTORY_SECONDS = 2.0


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application of the router."""
    parts = Parts(
        title="Careline interaction router",
        routers=[
            desk.router,
            offers.router,
            interactions.router,
            partners.router,
            attachments.router,
            templates.router,
            supervision.router,
            queues.router,
            agents.router,
            deliveries.router,
            *mail.ROUTERS,
            *chat.ROUTERS,
        ],
        catalogue=CATALOGUE,
        resources=_resources,
        consumers=_consumers,
        loops=_loops,
        body_limits=chat.BODY_LIMITS,
    )
    app = create_service(settings, parts, clock=clock)
    app.add_middleware(WidgetCors, origins=allowed_origins(cast("RouterSettings", settings)))
    return app


@asynccontextmanager
async def _resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    settings = cast("RouterSettings", service.settings)
    units = Units(
        service.database,
        service.outbox,
        service.clock,
        Hub(),
        routing=Wakeup(),
        mail=Wakeup(),
        business_clock=service.business_clock,
        tellers=(desk_events.write, chat_events.write),
    )
    customers = Customers(_profile(settings))
    objects = ObjectStore(settings.objects_url)
    office = deliveries.open_office(settings, units)
    try:
        yield {
            "units": units,
            "customers": customers,
            "objects": objects,
            "arrivals": mail.open_arrivals(settings, units, customers, objects),
            "chat_lines": Lines(),
            "office": office,
        }
    finally:
        await customers.close()
        await office.contents.close()


def _profile(settings: RouterSettings) -> ServiceClient | None:
    if settings.client_id is None:
        return None
    return ServiceClient(settings, settings.profile_url)


def _consumers(service: Service, state: dict[str, Any]) -> list[Consumer]:
    return [
        *deliveries.consumers_of(service, cast("Office", state["office"])),
        Consumer(
            service.database,
            service.settings,
            group="router",
            topics=["person"],
            handlers=consumers.handlers(service.clock),
        ),
    ]


def _loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    settings = cast("RouterSettings", service.settings)
    units = cast("Units", state["units"])
    customers = cast("Customers", state["customers"])
    lease = Lease(service.database, "decider", ttl_seconds=decider.LEASE_SECONDS)
    reaper = jobs.Reaper(units, Sight(settings.presence_return_seconds))
    leavings = leaving.Leavings(units)

    async def prune() -> None:
        await jobs.prune(units)

    async def fill_in() -> None:
        await jobs.fill_in_histories(units, customers)

    return [
        Loop("decider", Decider(units, lease, settings.refusal_lapses_seconds).run),
        Loop("desk-pulse", Pulse(units, settings.presence_lease_seconds).run),
        Periodic("reaper", REAP_SECONDS, reaper.reap),
        Periodic("leavings", REAP_SECONDS, leavings.move_what_is_left),
        Periodic("histories", HISTORY_SECONDS, fill_in),
        Periodic("prune", PRUNE_SECONDS, prune),
        *deliveries.loops(settings, cast("Office", state["office"]), cast("ObjectStore", state["objects"])),
        *chat.loops(units, cast("Lines", state["chat_lines"]), settings),
        *mail.loops(service, settings, units, state["arrivals"], cast("ObjectStore", state["objects"])),
    ]
