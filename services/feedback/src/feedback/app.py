"""The feedback service: follow-up surveys, and complaints that nobody can forget."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

from fastapi import FastAPI

from careline.app import Parts, Service, create_service
from careline.background import Loop, Periodic
from careline.clients import ServiceClient
from careline.clock import Clock
from careline.settings import ServiceSettings
from careline.wakeups import Wakeup
from feedback import rates
from feedback.answers.service import Answering
from feedback.complaints import wiring as complaints
from feedback.consumers import consumers
from feedback.contents import surveys as survey_contents
from feedback.contents.endpoints import router as contents
from feedback.events import CATALOGUE
from feedback.invitations.endpoints import public as survey_links
from feedback.invitations.endpoints import router as invitations
from feedback.invitations.tokens import Links
from feedback.metrics.endpoints import router as metrics
from feedback.sampling.drawer import Drawer
from feedback.sampling.endpoints import router as sampling
from feedback.settings import Settings
from feedback.surveys.endpoints import router as surveys
from feedback.surveys.service import Surveys

PRUNE_SECONDS = 600.0


def create_app(settings: ServiceSettings, *, clock: Clock | None = None) -> FastAPI:
    """The application, ready to be served."""
    return create_service(
        settings,
        Parts(
            title="Careline feedback",
            routers=[survey_links, invitations, surveys, sampling, metrics, contents, *complaints.ROUTERS],
            catalogue=CATALOGUE,
            resources=_resources,
            consumers=lambda service, state: [
                *consumers(service, state["closed"], state["replied"]),
                *complaints.consumers(service),
            ],
            loops=_loops,
        ),
        clock=clock,
    )


@asynccontextmanager
async def _resources(service: Service) -> AsyncIterator[dict[str, Any]]:
    settings = cast("Settings", service.settings)
    async with AsyncExitStack() as stack:
        profile = ServiceClient(settings, settings.profile_url)
        stack.push_async_callback(profile.close)
        books = Surveys()
        closed = Wakeup()
        links = Links(settings.link_key.get_secret_value(), settings.public_url)
        yield {
            "profile": profile,
            "links": links,
            "tellers": {"inv": survey_contents.teller(links)},
            "surveys": books,
            "answering": Answering(service, books),
            "closed": closed,
            "replied": Wakeup(),
            "drawer": Drawer(service, profile, closed),
        }


def _loops(service: Service, state: dict[str, Any]) -> list[Loop | Periodic]:
    async def forget_rates() -> None:
        async with service.database.write_raw() as connection:
            await rates.prune(connection, service.clock.now())

    drawer: Drawer = state["drawer"]
    return [Loop("sampling", drawer.run), Periodic("rates", PRUNE_SECONDS, forget_rates), *complaints.loops(service)]
