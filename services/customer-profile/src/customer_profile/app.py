"""The customer profile: the one customer view."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from careline.app import Parts, Service, create_service
from careline.clock import Clock
from careline.settings import ServiceSettings
from customer_profile import consumers
from customer_profile.customers.endpoints import router as customers
from customer_profile.events import CATALOGUE
from customer_profile.households.endpoints import router as households
from customer_profile.identifiers.endpoints import router as identifiers
from customer_profile.lookup.endpoints import router as lookup
from customer_profile.products.endpoints import router as products
from customer_profile.purchases.endpoints import router as purchases
from customer_profile.purchases.service import Purchases
from customer_profile.resolutions.endpoints import router as resolutions
from customer_profile.screen_pop.endpoints import router as screen_pop
from customer_profile.timeline.endpoints import router as timeline


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    return create_service(
        settings,
        Parts(
            title="Careline customer profile",
            routers=[
                lookup,
                resolutions,
                customers,
                identifiers,
                screen_pop,
                timeline,
                purchases,
                products,
                households,
            ],
            catalogue=CATALOGUE,
            resources=_resources,
            consumers=lambda service, _: consumers.consumers(service),
        ),
        clock=clock,
    )


@asynccontextmanager
async def _resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    yield {"purchases": Purchases(service.database, service.outbox, service.clock)}
