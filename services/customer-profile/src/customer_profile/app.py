"""The customer profile: the one customer view."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI

from careline.app import Parts, Service, create_service
from careline.background import Loop, Periodic
from careline.clock import Clock
from careline.objects import ObjectStore
from careline.settings import ServiceSettings
from careline.wakeups import Wakeup
from customer_profile import consumers
from customer_profile.care_facts.endpoints import router as care_facts
from customer_profile.consents.endpoints import router as consents
from customer_profile.customers.endpoints import router as customers
from customer_profile.events import CATALOGUE
from customer_profile.households.endpoints import router as households
from customer_profile.identifiers.endpoints import router as identifiers
from customer_profile.imports.endpoints import MAX_UPLOAD_BYTES
from customer_profile.imports.endpoints import router as imports
from customer_profile.imports.service import Imports
from customer_profile.imports.worker import ImportWorker
from customer_profile.lookup.endpoints import router as lookup
from customer_profile.preferences.endpoints import router as preferences
from customer_profile.products.endpoints import router as products
from customer_profile.purchases.endpoints import router as purchases
from customer_profile.purchases.service import Purchases
from customer_profile.resolutions.endpoints import router as resolutions
from customer_profile.screen_pop.endpoints import router as screen_pop
from customer_profile.settings import Settings
from customer_profile.timeline.endpoints import router as timeline


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    return create_service(
        settings,
        Parts(
            title="Careline customer profile",
            routers=[
                # The busiest first: routes are tried in this order.
                lookup,
                purchases,
                resolutions,
                care_facts,
                customers,
                identifiers,
                screen_pop,
                timeline,
                consents,
                preferences,
                products,
                households,
                imports,
            ],
            catalogue=CATALOGUE,
            resources=_resources,
            consumers=lambda service, _: consumers.consumers(service),
            loops=_loops,
            body_limits={"/v1/imports": MAX_UPLOAD_BYTES},
        ),
        clock=clock,
    )


@asynccontextmanager
async def _resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    settings = cast("Settings", service.settings)
    yield {
        "purchases": Purchases(service.database, service.outbox, service.clock),
        "imports": Imports(service, ObjectStore(settings.objects_url), Wakeup()),
    }


def _loops(_: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    imports: Imports = state["imports"]
    service = imports.service
    worker = ImportWorker(service.database, service.outbox, imports.objects, service.clock, imports.queued)
    return [Loop("imports", worker.run)]
