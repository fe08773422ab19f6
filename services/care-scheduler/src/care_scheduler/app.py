"""The care scheduler: decides whom to care for, when and how."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

from fastapi import FastAPI

from care_scheduler import consumers
from care_scheduler.contents.endpoints import router as contents
from care_scheduler.contents.feedback import Feedback
from care_scheduler.contents.repository import purge_old
from care_scheduler.contents.service import Contents
from care_scheduler.customers.mirror import Mirror
from care_scheduler.events import CATALOGUE
from care_scheduler.gates.profile import Profile
from care_scheduler.items.endpoints import router as items
from care_scheduler.items.scheduler import Scheduler
from care_scheduler.matrix.endpoints import router as matrix
from care_scheduler.occasions.endpoints import router as occasions
from care_scheduler.plans.planner import Planner
from care_scheduler.settings import Settings
from care_scheduler.templates.endpoints import router as templates
from care_scheduler.triggers.handlers import Triggers
from care_scheduler.unsubscribes.endpoints import router as unsubscribes
from careline.app import Parts, Service, create_service
from careline.background import Loop, Periodic
from careline.clients import ServiceClient
from careline.clock import Clock
from careline.settings import ServiceSettings
from careline.wakeups import Wakeup

PURGE_SECONDS = 3600.0
# Texts of care of which nobody ever reported an outcome.
TEXTS_KEPT = timedelta(days=7)


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    return create_service(
        settings,
        Parts(
            title="Careline care scheduler",
            routers=[contents, items, matrix, occasions, templates, unsubscribes],
            catalogue=CATALOGUE,
            resources=_resources,
            consumers=lambda service, state: consumers.consumers(service, state["mirror"], state["triggers"]),
            loops=_loops,
        ),
        clock=clock,
    )


@asynccontextmanager
async def _resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    settings = cast("Settings", service.settings)
    client = ServiceClient(settings, settings.profile_url)
    profile = Profile(client, settings.time_zone)
    feedback = Feedback(ServiceClient(settings, settings.feedback_url))
    planned, marked, changed = Wakeup(), Wakeup(), Wakeup()
    database, clock, zone = service.database, service.business_clock, settings.time_zone
    real, outbox = service.clock, service.outbox
    try:
        yield {
            "profile": profile,
            "feedback": feedback,
            "contents": Contents(service.database, profile, settings),
            # Set by whoever plans care that is due at once.
            "planned": planned,
            "mirror": Mirror(database, client, clock, zone, marked=marked, changed=changed),
            "planner": Planner(database, outbox, real=real, business=clock, changed=changed, planned=planned),
            "triggers": Triggers(outbox, real=real, business=clock, default_zone=zone, planned=planned),
        }
    finally:
        await profile.close()
        await feedback.close()


def _loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    async def purge() -> None:
        async with service.database.write_raw() as connection:
            await purge_old(connection, service.business_clock.now() - TEXTS_KEPT)

    return [
        Loop("scheduler", scheduler_of(service, state).run),
        Loop("mirror", state["mirror"].run),
        Loop("planner", state["planner"].run),
        Periodic("purge", PURGE_SECONDS, purge),
    ]


def scheduler_of(service: Service, state: dict[str, Any]) -> Scheduler:
    """The loop that judges what is due."""
    return Scheduler(
        service.database,
        service.outbox,
        service.clock,
        service.business_clock,
        state["profile"],
        state["feedback"],
        company=cast("Settings", service.settings).company_name,
        planned=state["planned"],
        tell_apart=cast("Settings", service.settings).control_tell_apart,
    )
